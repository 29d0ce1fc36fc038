using System.Buffers;
using CloudScale.Fuzz.Etf;
using CloudScale.Fuzz.Running;
using CloudScale.Interop.Channel;
using CloudScale.Interop.Epmd;
using CloudScale.Interop.Handshake;
using CloudScale.Serialization.Etf;

namespace CloudScale.Fuzz.Protocol;

/// <summary>What a node reads off a socket before anything is a term of a user: control messages, the handshake, epmd both ways.</summary>
/// <remarks>The first byte of an input says which reader gets the rest.</remarks>
internal sealed class ProtocolTarget : Target
{
    private const int Slack = 128 << 10;

    private static readonly byte[] s_tags = [.. Enum.GetValues<EtfTag>().Where(tag => tag != EtfTag.None).Select(tag => (byte)tag)];
    private static readonly byte[][] s_packets = [.. ControlPackets.All()];
    private static readonly (Message Kind, byte[] Bytes)[] s_messages = [.. Messages()];

    private readonly EtfDecodeContext _context = new(EtfLimits.Untrusted);
    private Mutator? _mutator;

    private enum Message : byte
    {
        Control,
        Frame,
        Name,
        Status,
        Challenge,
        Complement,
        Reply,
        Ack,
        EpmdRequest,
        AliveAnswer,
        PortAnswer,
        NamesAnswer,
    }

    public override string Name => "protocol";

    public override void Generate(Draft draft, Rng rng)
    {
        _mutator ??= new Mutator(rng, s_tags);
        if (rng.OneIn(2))
        {
            byte[] packet = rng.Pick<byte[]>(s_packets);
            new EtfScanner(draft).Load(packet, at: 3);
        }
        else
        {
            (Message kind, byte[] bytes) = rng.Pick<(Message, byte[])>(s_messages);
            draft.Clear();
            draft.Byte((byte)kind);
            int spot = draft.Begin(SpotKind.Text);
            draft.Write(bytes);
            draft.End(spot);
            // Most of them have a length or a number of two or four bytes somewhere.
            int at = rng.Next(1, draft.Length);
            draft.Mark(SpotKind.Length, at, Math.Min(draft.Length, at + rng.Pick<int>([1, 2, 4])));
        }

        _mutator.Mutate(draft);
    }

    public override void Check(ReadOnlySpan<byte> input, Rng rng)
    {
        if (input.IsEmpty)
            return;
        Message kind = (Message)(input[0] % ((int)Message.NamesAnswer + 1));
        int atoms = Atom.Count;
        long before = GC.GetAllocatedBytesForCurrentThread();
        bool isRead = Read(kind, input[1..], out string? error);
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        // Texts of errors and names of nodes are outside of what limits count: twice for UTF-16, and again in the error.
        long bound = (32L * input.Length) + EtfLimits.Untrusted.AllocationAllowance + Slack;
        Require(allocated <= bound || Atom.Count != atoms, $"{kind}: {allocated} bytes allocated for {input.Length}");
        Require(isRead ? error is null : error is not "", $"{kind}: {(isRead ? "read, with an error" : "refused with an empty reason")}");
        Count($"{kind} {(isRead ? "read" : "refused")}");
    }

    private bool Read(Message kind, ReadOnlySpan<byte> input, out string? error)
    {
        HandshakeIdentity peer = default;
        error = null;
        switch (kind)
        {
            case Message.Control:
                bool isControl = ControlReader.TryRead(input, _context, out _, out EncodedTerm body, out error);
                if (isControl && !body.Bytes.IsEmpty)
                    Count(body.Decode() is null ? "message refused" : "message decoded"); // what its process does later
                return isControl;
            case Message.Frame:
                ReadOnlySequence<byte> sequence = new(input.ToArray());
                bool isWhole = HandshakeMessages.TryReadFrame(ref sequence, out ReadOnlySequence<byte> message);
                Require(
                    !isWhole || message.Length + sequence.Length < input.Length,
                    "a frame and what is behind it are less than both with its length"
                );
                return isWhole;
            case Message.Name:
                return HandshakeMessages.TryReadName(input, out peer, out _, out error);
            case Message.Status:
                return HandshakeMessages.TryReadStatus(input, out _, out error);
            case Message.Challenge:
                return HandshakeMessages.TryReadChallenge(input, out peer, out _, out error);
            case Message.Complement:
                return HandshakeMessages.TryReadComplement(input, ref peer, out error);
            case Message.Reply:
                return HandshakeMessages.TryReadReply(input, out _, out _, out error);
            case Message.Ack:
                return HandshakeMessages.TryReadAck(input, out _, out error);
            case Message.EpmdRequest:
                return EpmdMessages.TryReadRequest(input, out _, out error);
            case Message.AliveAnswer:
                return EpmdMessages.TryReadAliveAnswer(input, out _, out _, out _, out error);
            case Message.PortAnswer:
                return EpmdMessages.TryReadPortAnswer(input, out _, out error);
            default:
                return EpmdMessages.TryReadNamesAnswer(input, out _, out error);
        }
    }

    private static IEnumerable<(Message Kind, byte[] Bytes)> Messages()
    {
        HandshakeIdentity self = new("fuzz@127.0.0.1", (DistributionFlags)0x1_0DF7_FFFF, 7);
        EpmdNode node = new("fuzz", 4711);
        byte[] digest = new byte[16];
        yield return (Message.Frame, Written(output => HandshakeMessages.WriteName(output, self)));
        yield return (Message.Name, Written(output => HandshakeMessages.WriteName(output, self))[2..]);
        yield return (Message.Status, Written(output => HandshakeMessages.WriteStatus(output, HandshakeStatus.Ok))[2..]);
        yield return (Message.Challenge, Written(output => HandshakeMessages.WriteChallenge(output, self, 42))[2..]);
        yield return (Message.Complement, Written(output => HandshakeMessages.WriteComplement(output, self))[2..]);
        yield return (Message.Reply, Written(output => HandshakeMessages.WriteReply(output, 42, digest))[2..]);
        yield return (Message.Ack, Written(output => HandshakeMessages.WriteAck(output, digest))[2..]);
        yield return (Message.EpmdRequest, EpmdMessages.AliveRequest(node)[2..]);
        yield return (Message.EpmdRequest, EpmdMessages.PortPleaseRequest("fuzz")[2..]);
        yield return (Message.AliveAnswer, EpmdMessages.AliveAnswer(6, 0, 7));
        yield return (Message.AliveAnswer, EpmdMessages.AliveAnswer(5, 0, 3));
        yield return (Message.PortAnswer, EpmdMessages.PortAnswer(node));
        yield return (Message.NamesAnswer, EpmdMessages.NamesAnswer(4369, [node, new EpmdNode("other", 65535)]));
    }

    private static byte[] Written(Action<IBufferWriter<byte>> write)
    {
        ArrayBufferWriter<byte> output = new();
        write(output);
        return output.WrittenSpan.ToArray();
    }
}
