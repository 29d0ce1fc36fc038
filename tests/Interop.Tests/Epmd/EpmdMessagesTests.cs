using CloudScale.Interop.Epmd;

namespace CloudScale.Interop.Tests.Epmd;

public sealed class EpmdMessagesTests
{
    private static readonly EpmdNode s_node = new("bob", 0x1234);

    [Test]
    public void AliveRequest_Node_HasTheBytesOfTheProtocol() =>
        Assert.That(
            Convert.ToHexString(EpmdMessages.AliveRequest(s_node)),
            Is.EqualTo("0010" + "78" + "1234" + "4D" + "00" + "0006" + "0005" + "0003626F62" + "0000")
        );

    [Test]
    public void PortPleaseRequest_Name_HasTheBytesOfTheProtocol() =>
        Assert.That(Convert.ToHexString(EpmdMessages.PortPleaseRequest("bob")), Is.EqualTo("00047A626F62"));

    [Test]
    public void AliveAnswer_CallerOfVersion6_GetsCreationOf32Bits() =>
        Assert.That(Convert.ToHexString(EpmdMessages.AliveAnswer(6, 0, 0xCAFE0001)), Is.EqualTo("7600CAFE0001"));

    [Test]
    public void AliveAnswer_CallerOfVersion5_GetsCreationOf16Bits() =>
        Assert.That(Convert.ToHexString(EpmdMessages.AliveAnswer(5, 0, 3)), Is.EqualTo("79000003"));

    [Test]
    public void PortAnswer_UnknownName_IsTheErrorByteAlone() =>
        Assert.That(Convert.ToHexString(EpmdMessages.PortAnswer(null)), Is.EqualTo("7701"));

    [TestCase(false)]
    [TestCase(true)]
    public void PortAnswer_Node_ReadsBack(bool isHidden)
    {
        EpmdNode node = s_node with { IsHidden = isHidden };
        Assert.That(EpmdMessages.TryReadPortAnswer(EpmdMessages.PortAnswer(node), out EpmdNode? read, out _), Is.True);
        Assert.That(read, Is.EqualTo(node));
    }

    [Test]
    public void AliveRequest_ReadByServer_GivesTheNode()
    {
        Assert.That(EpmdMessages.TryReadRequest(EpmdMessages.AliveRequest(s_node).AsSpan(2), out EpmdRequest request, out _), Is.True);
        Assert.That(request, Is.EqualTo(new EpmdRequest(EpmdOpcode.Alive, s_node)));
    }

    [Test]
    public void Names_TwoNodes_ReadBack()
    {
        byte[] answer = EpmdMessages.NamesAnswer(4369, [s_node, new EpmdNode("alice", 7)]);
        Assert.That(EpmdMessages.TryReadNamesAnswer(answer, out IReadOnlyList<(string, int)> names, out _), Is.True);
        Assert.That(names, Is.EqualTo(new[] { ("bob", 0x1234), ("alice", 7) }));
    }

    [Test]
    public void Request_EveryTruncationAndMutation_GivesAResult()
    {
        byte[] whole = EpmdMessages.AliveRequest(s_node)[2..];
        for (int length = 0; length < whole.Length - 2; length++) // the extra may be cut short
            Assert.That(EpmdMessages.TryReadRequest(whole.AsSpan(0, length), out _, out string? error), Is.False, $"{length} bytes: {error}");
        for (int position = 0; position < whole.Length; position++)
        for (int value = 0; value < 256; value++)
        {
            byte[] mutated = [.. whole];
            mutated[position] = (byte)value;
            if (!EpmdMessages.TryReadRequest(mutated, out _, out string? error))
                Assert.That(error, Is.Not.Null.And.Not.Empty);
        }
    }

    [Test]
    public void AliveAnswer_CutShort_AsksForTheRest()
    {
        byte[] whole = EpmdMessages.AliveAnswer(6, 0, 77);
        for (int length = 0; length < whole.Length; length++)
        {
            Assert.That(
                EpmdMessages.TryReadAliveAnswer(whole.AsSpan(0, length), out _, out _, out int needed, out string? error),
                Is.False
            );
            Assert.That(needed, Is.GreaterThan(length));
            Assert.That(error, Is.Null);
        }
    }
}
