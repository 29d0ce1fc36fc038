using System.Buffers;
using CloudScale.Serialization.Etf;

namespace CloudScale.Fuzz.Protocol;

/// <summary>A packet of every control message there is, ours or not: <c>0 | 112 | 131 | control [| 131 | payload]</c>.</summary>
internal static class ControlPackets
{
    // Operation, and what its elements are: Pid, Reference, Atom, Integer, Term; a ! wants a payload behind.
    private static readonly (int Operation, string Elements)[] s_shapes =
    [
        (1, "PP"),
        (2, "AP!"),
        (3, "PPT"),
        (4, "PP"),
        (5, ""),
        (6, "PAA!"),
        (7, "PP"),
        (8, "PPT"),
        (12, "APT!"),
        (13, "PPTT"),
        (16, "PAAT!"),
        (18, "PPTT"),
        (19, "PPR"),
        (19, "PAR"),
        (20, "PPR"),
        (20, "PAR"),
        (21, "PPRT"),
        (21, "APRT"),
        (22, "PP!"),
        (23, "PPT!"),
        (24, "PP!"),
        (25, "PPT!"),
        (26, "PP!"),
        (27, "PPT!"),
        (28, "PPR!"),
        (29, "RPPTT!"),
        (31, "RPIP"),
        (33, "PR!"),
        (34, "PRT!"),
        (35, "IPP"),
        (36, "IPP"),
        (37, "IPP!"),
    ];

    public static IEnumerable<byte[]> All() => s_shapes.Select(shape => Make(shape.Operation, shape.Elements));

    private static byte[] Make(int operation, string elements)
    {
        NodeIdentity node = new("fuzz@127.0.0.1", 7);
        bool hasPayload = elements.EndsWith('!');
        elements = elements.TrimEnd('!');
        ArrayBufferWriter<byte> output = new();
        output.Write<byte>([0, 112]);
        EtfWriter writer = new(output);
        writer.WriteVersion();
        writer.WriteTupleHeader(1 + elements.Length);
        writer.WriteLong(operation);
        foreach (char element in elements)
            writer.WriteTerm(
                element switch
                {
                    'P' => new Pid(node, 17),
                    'R' => new Reference(node, 18),
                    'A' => Atom.Of("name"),
                    'I' => 19,
                    _ => Tuple.Of(Atom.Of("reason"), List.Of(1, "two")),
                }
            );
        if (hasPayload)
        {
            writer.WriteVersion();
            writer.WriteTerm(Tuple.Of(Atom.Of("ping"), new Pid(node, 20), Map.Of((1, 2.5))));
        }

        writer.Flush();
        return output.WrittenSpan.ToArray();
    }
}
