namespace CloudScale.Interop.Tests.Connections;

/// <summary>Our nodes among themselves, over a network in memory.</summary>
public sealed partial class DistributionTests() : DistributionContract(new InMemoryTestNetwork());
