using CloudScale.Interop.Connections;

namespace CloudScale.Interop.Tests.Connections;

/// <summary>A distribution with everything written down.</summary>
internal sealed class TestNode : IAsyncDisposable
{
    public TestNode(DistributionOptions options)
    {
        Distribution = new Distribution(options with { Logger = Log }, Events);
        Name = Atom.Of(options.Name);
    }

    public LogRecorder Log { get; } = new();
    public RecordingEvents Events { get; } = new();
    public Distribution Distribution { get; }
    public Atom Name { get; }

    public static async Task<TestNode> StartAsync(DistributionOptions options)
    {
        TestNode node = new(options);
        await node.Distribution.StartAsync();
        return node;
    }

    public Pid Pid(ulong number) => new(Distribution.Self, number);

    public ValueTask DisposeAsync() => Distribution.DisposeAsync();
}
