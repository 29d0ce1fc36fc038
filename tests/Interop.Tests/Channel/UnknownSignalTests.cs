using CloudScale.Interop.Channel;
using CloudScale.Interop.Connections;
using CloudScale.Interop.Handshake;

namespace CloudScale.Interop.Tests.Channel;

/// <summary>Signals that the other node does not know: it would drop the connection.</summary>
public sealed class UnknownSignalTests
{
    private const DistributionFlags AllFlags = FlagSets.Implemented;
    private const DistributionFlags OldFlags = FlagSets.RequiredOfPeers;

    private static readonly NodeIdentity s_node = new(Atom.Of("a@b"), 1);
    private static readonly Pid s_from = new(s_node, 5);
    private static readonly Pid s_to = new(s_node, 6);
    private static readonly Atom s_payload = Atom.Of("hi");
    private static readonly Reference s_reference = Reference.FromWords(s_node, [1, 2, 3]);

    [Test]
    public void Write_AliasToANodeWithoutAliases_WritesNothing()
    {
        OutputBuffer output = new();
        ControlMessage message = new(ControlKind.SendToAlias, s_from, Reference: s_reference, Payload: s_payload);
        Assert.That(ControlWriter.TryWrite(output, message, OldFlags), Is.False);
        Assert.That(output.Count, Is.Zero);
    }

    /// <summary>Nodes of C and of Java have no monitors, and drop a connection that speaks of one.</summary>
    [Test]
    public void Write_MonitorsToANodeWithoutThem_WritesNothing(
        [Values(nameof(ControlKind.Monitor), nameof(ControlKind.Demonitor), nameof(ControlKind.MonitorExit))] string kind,
        [Values(DistributionFlags.Monitors, DistributionFlags.MonitorsByName)] DistributionFlags lacking
    )
    {
        OutputBuffer output = new();
        ControlMessage message = new(Enum.Parse<ControlKind>(kind), s_from, s_to, Reference: s_reference, Payload: s_payload);
        Assert.That(ControlWriter.TryWrite(output, message, AllFlags & ~lacking), Is.False);
        Assert.That(output.Count, Is.Zero);
        Assert.That(ControlWriter.TryWrite(output, message, AllFlags), Is.True);
    }

    [Test]
    public void Write_SpawnToANodeThatTakesNone_WritesNothing()
    {
        OutputBuffer output = new();
        SpawnRequest spawn = new(s_reference, s_from, s_to, s_payload, s_payload, 0, List.Empty, List.Empty);
        ControlMessage message = new(ControlKind.SpawnRequest, s_from, s_to, Reference: s_reference, Payload: spawn);
        Assert.That(ControlWriter.TryWrite(output, message, OldFlags), Is.False);
        Assert.That(output.Count, Is.Zero);
    }
}
