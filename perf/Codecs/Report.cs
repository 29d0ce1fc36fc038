using System.Globalization;

namespace CloudScale.Perf.Codecs;

/// <summary>The table.</summary>
internal static class Report
{
    public static void Print(IReadOnlyList<Payload> payloads, Times times)
    {
        Console.WriteLine(
            $".NET {Environment.Version}; BEAM: {Beam.Version}; medians; ratios are medians of those of the rounds; MB/s of the encoded term"
        );
        foreach (string direction in new[] { "encode", "decode" })
        {
            Console.WriteLine();
            Console.WriteLine(
                $"| {direction} | bytes | contract, ns | by hand, ns | dynamic, ns | BEAM, ns | contract, MB/s | contract / by hand | BEAM / contract | BEAM / dynamic | MessagePack, bytes | MessagePack / contract |"
            );
            Console.WriteLine("|---|---|---|---|---|---|---|---|---|---|---|---|");
            foreach (Payload payload in payloads)
            {
                double contract = times.Median(payload.Name, direction + "/contract");
                double hand = times.Median(payload.Name, direction + "/by hand");
                double dynamic = times.Median(payload.Name, direction + "/dynamic");
                double beam = times.Median(payload.Name, direction + "/beam");
                double Ratio(string way, string other) => times.Ratio(payload.Name, $"{direction}/{way}", $"{direction}/{other}");
                Console.WriteLine(
                    string.Create(
                        CultureInfo.InvariantCulture,
                        $"| {payload.Name} | {payload.Bytes.Length} | {contract:F0} | {hand:F0} | {dynamic:F0} | {beam:F0} | {payload.Bytes.Length * 1000.0 / contract:F0} | {Ratio("contract", "by hand"):F2} | {Ratio("beam", "contract"):F2} | {Ratio("beam", "dynamic"):F2} | {payload.Packed.Length} | {Ratio("messagepack", "contract"):F2} |"
                    )
                );
            }
        }

        foreach (Payload payload in payloads.Where(payload => payload.Refers))
        {
            double ours = times.Median(payload.Name, "encode/pieces");
            double beam = times.Median(payload.Name, "encode/beam pieces");
            double whole = times.Ratio(payload.Name, "encode/beam", "encode/pieces");
            Console.WriteLine();
            Console.WriteLine(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"{payload.Name}, written by its contract as connections write it, in pieces that refer to it: {ours:F0} ns, BEAM / contract {whole:F1}; to term_to_iovec, {beam:F0} ns: {times.Ratio(payload.Name, "encode/beam pieces", "encode/pieces"):F1}"
                )
            );
        }
    }
}
