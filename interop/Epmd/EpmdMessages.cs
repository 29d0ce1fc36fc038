using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace CloudScale.Interop.Epmd;

/// <summary>First byte of a message to or from epmd.</summary>
internal enum EpmdOpcode : byte
{
    Dump = 100, // DUMP_REQ
    Kill = 107, // KILL_REQ
    Names = 110, // NAMES_REQ
    Stop = 115, // STOP_REQ
    AliveExtendedAnswer = 118, // ALIVE2_X_RESP
    PortAnswer = 119, // PORT2_RESP
    Alive = 120, // ALIVE2_REQ
    AliveAnswer = 121, // ALIVE2_RESP
    PortPlease = 122, // PORT_PLEASE2_REQ
}

/// <summary>A decoded request.</summary>
/// <param name="Opcode">What is asked.</param>
/// <param name="Node">ALIVE2_REQ: the node to register.</param>
/// <param name="Name">PORT_PLEASE2_REQ, STOP_REQ: the name in question.</param>
internal readonly record struct EpmdRequest(EpmdOpcode Opcode, EpmdNode? Node = null, string? Name = null);

/// <summary>The bytes of the epmd protocol, both sides of it. Integers are big-endian.</summary>
/// <remarks>
/// A request is <c>len:u16 | opcode | body</c>; an answer has no length. Source: ERTS User's Guide, Distribution Protocol, EPMD Protocol.
/// </remarks>
internal static class EpmdMessages
{
    private const byte NormalNode = 77;
    private const byte HiddenNode = 72;

    /// <summary>Longest name we take or give: what an atom may hold, in UTF-8.</summary>
    public const int MaxNameBytes = 4 * Atom.MaxCharacters;

    /// <summary>Longest request a server reads; the daemon of OTP has a bound of the same order.</summary>
    public const int MaxRequestBytes = 4096;

    /// <summary>Wire: <c>len:u16 | 120 | port:u16 | type | protocol | highest:u16 | lowest:u16 | nlen:u16 | name | elen:u16 | extra</c>.</summary>
    public static byte[] AliveRequest(EpmdNode node)
    {
        ArrayBufferWriter<byte> body = new(64);
        body.WriteByte((byte)EpmdOpcode.Alive);
        WriteDetails(body, node);
        return Frame(body.WrittenSpan);
    }

    /// <summary>Wire: <c>len:u16 | 122 | name</c>.</summary>
    public static byte[] PortPleaseRequest(string name) => Frame([(byte)EpmdOpcode.PortPlease, .. Encoding.UTF8.GetBytes(name)]);

    /// <summary>Wire: <c>len:u16 | opcode</c>, for NAMES_REQ, DUMP_REQ and KILL_REQ.</summary>
    public static byte[] BareRequest(EpmdOpcode opcode) => Frame([(byte)opcode]);

    /// <summary>Wire: <c>len:u16 | 115 | name</c>.</summary>
    public static byte[] StopRequest(string name) => Frame([(byte)EpmdOpcode.Stop, .. Encoding.UTF8.GetBytes(name)]);

    /// <summary>Reads a request without its length. Anything that is not one is refused with a text.</summary>
    public static bool TryReadRequest(ReadOnlySpan<byte> body, out EpmdRequest request, out string? error)
    {
        request = default;
        if (body.IsEmpty)
            return Refuse("an empty request", out error);

        EpmdOpcode opcode = (EpmdOpcode)body[0];
        ReadOnlySpan<byte> rest = body[1..];
        switch (opcode)
        {
            case EpmdOpcode.Names or EpmdOpcode.Dump or EpmdOpcode.Kill:
                request = new EpmdRequest(opcode);
                error = null;
                return true;
            case EpmdOpcode.PortPlease or EpmdOpcode.Stop:
                if (!TryReadName(rest, out string? name, out error))
                    return false;
                request = new EpmdRequest(opcode, Name: name);
                return true;
            case EpmdOpcode.Alive:
                if (!TryReadDetails(rest, out EpmdNode? node, out error))
                    return false;
                request = new EpmdRequest(opcode, node);
                return true;
            default:
                return Refuse($"an unknown request, {body[0]}", out error);
        }
    }

    /// <summary>Wire: <c>118 | result | creation:u32</c> to those who speak version 6, else <c>121 | result | creation:u16</c>.</summary>
    public static byte[] AliveAnswer(int highestVersion, byte result, uint creation)
    {
        if (highestVersion >= 6)
        {
            byte[] extended = [(byte)EpmdOpcode.AliveExtendedAnswer, result, 0, 0, 0, 0];
            BinaryPrimitives.WriteUInt32BigEndian(extended.AsSpan(2), creation);
            return extended;
        }

        byte[] answer = [(byte)EpmdOpcode.AliveAnswer, result, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(answer.AsSpan(2), (ushort)creation);
        return answer;
    }

    /// <summary>Reads ALIVE2_RESP or ALIVE2_X_RESP. <paramref name="needed"/> &gt; 0 asks for that many bytes in all.</summary>
    public static bool TryReadAliveAnswer(ReadOnlySpan<byte> input, out byte result, out uint creation, out int needed, out string? error)
    {
        result = 0;
        creation = 0;
        needed = 0;
        error = null;
        if (input.IsEmpty)
        {
            needed = 1;
            return false;
        }

        int length = (EpmdOpcode)input[0] switch
        {
            EpmdOpcode.AliveExtendedAnswer => 6,
            EpmdOpcode.AliveAnswer => 4,
            _ => 0,
        };
        if (length == 0)
            return Refuse($"byte {input[0]} where an answer to a registration begins", out error);
        if (input.Length < length)
        {
            needed = length;
            return false;
        }

        result = input[1];
        creation = length == 6 ? BinaryPrimitives.ReadUInt32BigEndian(input[2..]) : BinaryPrimitives.ReadUInt16BigEndian(input[2..]);
        return true;
    }

    /// <summary>Wire: <c>119 | 0 | port:u16 | type | protocol | highest:u16 | lowest:u16 | nlen:u16 | name | elen:u16 | extra</c>, or <c>119 | 1</c>.</summary>
    public static byte[] PortAnswer(EpmdNode? node)
    {
        if (node is null)
            return [(byte)EpmdOpcode.PortAnswer, 1];
        ArrayBufferWriter<byte> answer = new(64);
        answer.WriteByte((byte)EpmdOpcode.PortAnswer);
        answer.WriteByte(0);
        WriteDetails(answer, node);
        return answer.WrittenSpan.ToArray();
    }

    /// <summary>Reads a whole PORT2_RESP; the node is null where the name is not registered.</summary>
    public static bool TryReadPortAnswer(ReadOnlySpan<byte> input, out EpmdNode? node, out string? error)
    {
        node = null;
        if (input.Length < 2 || input[0] != (byte)EpmdOpcode.PortAnswer)
            return Refuse("something else than the answer to a port request", out error);
        if (input[1] != 0)
        {
            error = null;
            return true;
        }

        return TryReadDetails(input[2..], out node, out error);
    }

    /// <summary>Wire: <c>epmdPort:u32 | text</c>, a line <c>name N at port P</c> for each node.</summary>
    public static byte[] NamesAnswer(int epmdPort, IEnumerable<EpmdNode> nodes) =>
        TextAnswer(epmdPort, string.Concat(nodes.Select(node => $"name {node.Name} at port {node.Port}\n")));

    /// <summary>Wire: <c>epmdPort:u32 | text</c>, in the words of the daemon's debug dump.</summary>
    public static byte[] DumpAnswer(int epmdPort, IEnumerable<EpmdNode> active, IEnumerable<EpmdNode> old) =>
        TextAnswer(
            epmdPort,
            string.Concat(active.Select((node, index) => $"active name     <{node.Name}> at port {node.Port}, fd = {index}\n"))
                + string.Concat(old.Select(node => $"old/unused name <{node.Name}>, port = {node.Port}, fd = -1\n"))
        );

    /// <summary>Reads the names and ports of a whole NAMES_RESP; lines that say something else are passed over.</summary>
    public static bool TryReadNamesAnswer(ReadOnlySpan<byte> input, out IReadOnlyList<(string Name, int Port)> names, out string? error)
    {
        List<(string, int)> found = [];
        names = found;
        if (input.Length < 4)
            return Refuse("a list of names without its head", out error);
        foreach (string line in Encoding.UTF8.GetString(input[4..]).Split('\n'))
            if (line.Split(' ') is ["name", string name, "at", "port", string port] && int.TryParse(port, out int number))
                found.Add((name, number));
        error = null;
        return true;
    }

    private static byte[] TextAnswer(int epmdPort, string text)
    {
        byte[] answer = new byte[4 + Encoding.UTF8.GetByteCount(text)];
        BinaryPrimitives.WriteUInt32BigEndian(answer, (uint)epmdPort);
        Encoding.UTF8.GetBytes(text, answer.AsSpan(4));
        return answer;
    }

    private static byte[] Frame(ReadOnlySpan<byte> body)
    {
        byte[] framed = new byte[2 + body.Length];
        BinaryPrimitives.WriteUInt16BigEndian(framed, checked((ushort)body.Length));
        body.CopyTo(framed.AsSpan(2));
        return framed;
    }

    private static void WriteDetails(ArrayBufferWriter<byte> output, EpmdNode node)
    {
        byte[] name = Encoding.UTF8.GetBytes(node.Name);
        output.WriteUInt16((ushort)node.Port);
        output.WriteByte(node.IsHidden ? HiddenNode : NormalNode);
        output.WriteByte(node.Protocol);
        output.WriteUInt16((ushort)node.HighestVersion);
        output.WriteUInt16((ushort)node.LowestVersion);
        output.WriteUInt16((ushort)name.Length);
        output.Write(name);
        ReadOnlySpan<byte> extra = node.Extra is null ? default : node.Extra.Span;
        output.WriteUInt16((ushort)extra.Length);
        output.Write(extra);
    }

    // Wire: port:u16 | type | protocol | highest:u16 | lowest:u16 | nlen:u16 | name | elen:u16 | extra. The extra is of no use to us: it may be missing or cut short.
    private static bool TryReadDetails(ReadOnlySpan<byte> input, out EpmdNode? node, out string? error)
    {
        const int FixedBytes = 10;
        node = null;
        if (input.Length < FixedBytes)
            return Refuse("the description of a node that ends too early", out error);
        int nameLength = BinaryPrimitives.ReadUInt16BigEndian(input[8..]);
        if (input.Length - FixedBytes < nameLength)
            return Refuse("the description of a node whose name ends too early", out error);
        if (!TryReadName(input.Slice(FixedBytes, nameLength), out string? name, out error))
            return false;

        ReadOnlySpan<byte> rest = input[(FixedBytes + nameLength)..];
        int extraLength = rest.Length < 2 ? 0 : Math.Min(BinaryPrimitives.ReadUInt16BigEndian(rest), rest.Length - 2);
        node = new EpmdNode(
            name!,
            BinaryPrimitives.ReadUInt16BigEndian(input),
            input[2] == HiddenNode,
            BinaryPrimitives.ReadUInt16BigEndian(input[4..]),
            BinaryPrimitives.ReadUInt16BigEndian(input[6..]),
            input[3],
            extraLength == 0 ? null : new Binary(rest.Slice(2, extraLength).ToArray())
        );
        return true;
    }

    private static bool TryReadName(ReadOnlySpan<byte> input, out string? name, out string? error)
    {
        name = null;
        if (input.IsEmpty || input.Length > MaxNameBytes)
            return Refuse($"a name of {input.Length} bytes", out error);
        if (input.ContainsAnyInRange((byte)0, (byte)' ') || !System.Text.Unicode.Utf8.IsValid(input))
            return Refuse("a name with spaces, control characters or broken UTF-8", out error);
        name = Encoding.UTF8.GetString(input);
        error = null;
        return true;
    }

    private static bool Refuse(string text, out string? error)
    {
        error = text;
        return false;
    }
}
