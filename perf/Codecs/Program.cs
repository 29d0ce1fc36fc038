using System.Buffers;
using System.Globalization;

namespace CloudScale.Perf.Codecs;

/// <summary>Ten payloads, written and read by contracts, as dynamic terms, by hand, and by the BEAM: all in one run, in turns, so that what disturbs the machine disturbs all.</summary>
internal static class Program
{
    private const int Turns = 12;
    private const int WarmMs = 30;

    private const string Help = """
        Usage: ./build.sh codecs [-- options]
          --rounds N     how many rounds; default 5
          --ms N         how long one way of one payload is measured in a round; default 100
          --only TEXT    payloads whose name contains it
          --way TEXT     ways whose name contains it, as decode/dynamic: for a profile
          --ours         without the BEAM
        """;

    private static async Task<int> Main(string[] args)
    {
        int rounds = 5;
        int ms = 100;
        string only = "";
        string way = "";
        bool withBeam = true;
        for (int i = 0; i < args.Length; i++)
        {
            switch (args[i])
            {
                case "--rounds" when i + 1 < args.Length:
                    rounds = int.Parse(args[++i], CultureInfo.InvariantCulture);
                    break;
                case "--ms" when i + 1 < args.Length:
                    ms = int.Parse(args[++i], CultureInfo.InvariantCulture);
                    break;
                case "--only" when i + 1 < args.Length:
                    only = args[++i];
                    break;
                case "--way" when i + 1 < args.Length:
                    way = args[++i];
                    break;
                case "--ours":
                    withBeam = false;
                    break;
                default:
                    Console.Error.WriteLine(Help);
                    return 2;
            }
        }

        Payload[] payloads = [.. Values.All.Where(payload => payload.Name.Contains(only, StringComparison.Ordinal))];
        var times = new Times();
        // The JIT reaches its last tier in the pauses, on a thread of its own.
        for (int warmUp = 0; warmUp < 8; warmUp++)
        {
            Measure(payloads, way, Math.Min(ms, WarmMs), new Times());
            await Task.Delay(TimeSpan.FromSeconds(1));
        }

        for (int round = 0; round < rounds; round++)
        {
            Measure(payloads, way, ms, times);
            if (withBeam)
                await Beam.Measure(payloads, ms, times);
            Console.Error.Write('.');
        }

        Console.Error.WriteLine();
        Report.Print(payloads, times);
        return 0;
    }

    // In short turns: what slows the machine down for a while slows all ways of a payload down alike, so that their ratios hold.
    private static void Measure(Payload[] payloads, string only, int ms, Times times)
    {
        ArrayBufferWriter<byte> buffer = new(2 << 20);
        foreach (Payload payload in payloads)
        {
            Way[] ways =
            [
                .. payload
                    .Ways(buffer, buffer)
                    .Where(way => way.Name.Contains(only, StringComparison.Ordinal))
                    .Select(way => new Way(way.Name, way.Run)),
            ];
            for (int turn = 0; turn < Turns; turn++)
            {
                foreach (Way way in ways)
                    way.Take((double)ms / Turns);
                Array.Reverse(ways);
            }

            foreach (Way way in ways)
                times.Add(payload.Name, way.Name, way.Nanoseconds);
        }
    }
}
