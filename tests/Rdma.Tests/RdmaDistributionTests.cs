using System.Net;
using CloudScale.Interop.Tests.Connections;

namespace CloudScale.Rdma.Tests;

/// <summary>What nodes of ours keep among themselves, with RDMA between them.</summary>
[Category("Rdma"), NonParallelizable]
public abstract class RdmaDistributionContract : DistributionContract
{
    private readonly Sleepers? _sleepers;
    private long _before;

    private protected RdmaDistributionContract(Sleepers? sleepers)
        : base(new RdmaTestNetwork(IPAddress.Parse(FakeDevice.RealAddress ?? "127.0.0.1"), sleepers is null ? null : sleepers.Take)) =>
        _sleepers = sleepers;

    protected override int Rounds(int many) => FakeDevice.RealAddress is null ? many : many / 5;

    [SetUp]
    public void Device()
    {
        FakeDevice.Use(maxDelayMicroseconds: 20);
        _before = FakeDevice.Objects;
    }

    [TearDown]
    public Task NothingIsLeft()
    {
        _sleepers?.Dispose();
        return FakeDevice.NoMoreThanAsync(_before);
    }
}

/// <summary>Completions are looked for by a thread of their own.</summary>
public sealed class RdmaDistributionTests() : RdmaDistributionContract(null);

/// <summary>Completions are looked for by threads of a node, which sleep on them.</summary>
public sealed class PolledRdmaDistributionTests() : RdmaDistributionContract(new Sleepers(2));
