namespace CloudScale.Perf.Codecs;

/// <summary>The ten payloads.</summary>
internal static class Values
{
    private const int Items = 1000;
    private const int Structs = 200;
    private const int BlobBytes = 64 << 10;
    private const int TreeDepth = 15; // 2^15 - 1 nodes of some 30 bytes: 1 MB

    public static readonly NodeIdentity Node = new("perf@127.0.0.1", 1);

    public static IReadOnlyList<Payload> All { get; } =
    [
        new Payload<Vote>("small tuple", new Vote(7, 123_456, true), ByContract.VoteCalls, ByHand.Write, ByHand.ReadVote),
        new Payload<Call>(
            "{From, Ref, Call}",
            new Call(new Pid(Node, 77), new Reference(Node, 1UL << 40), new Get("user:4711")),
            ByContract.CallCalls,
            ByHand.Write,
            ByHand.ReadCall
        ),
        new Payload<Integers>(
            "1000 small ints",
            new Integers([.. Enumerable.Range(0, Items).Select(i => i * 7 % Items)]),
            ByContract.IntegersCalls,
            ByHand.Write,
            ByHand.ReadIntegers
        ),
        new Payload<Floats>(
            "1000 floats",
            new Floats([.. Enumerable.Range(0, Items).Select(i => i * 0.37)]),
            ByContract.FloatsCalls,
            ByHand.Write,
            ByHand.ReadFloats
        ),
        new Payload<Settings>("map of 32 keys", Settings(), ByContract.SettingsCalls, ByHand.Write, ByHand.ReadSettings),
        new Payload<Order>("nested record, 1 KB", Order(), ByContract.OrderCalls, ByHand.Write, ByHand.ReadOrder),
        new Payload<Blob>("binary of 64 KB", new Blob(new byte[BlobBytes]), ByContract.BlobCalls, ByHand.Write, ByHand.ReadBlob),
        new Payload<Tree>("deep term, 1 MB", Tree(TreeDepth, 1)!, ByContract.TreeCalls, ByHand.Write, ByHand.ReadTree),
        new Payload<Samples>(
            "200 structs",
            new Samples([.. Enumerable.Range(0, Structs).Select(i => new Point(1_700_000_000_000 + i, i * 0.5, "ms"))]),
            ByContract.SamplesCalls,
            ByHand.Write,
            ByHand.ReadSamples
        ),
        new Payload<LogLine>(
            "log line",
            new LogLine(
                1_709_209_845_678,
                "warning",
                new Pid(Node, 4711),
                "Elixir.Shop.Orders",
                "order 4711 of customer Zoë was refused: card expired on 2024-02-29",
                "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"
            ),
            ByContract.LogLineCalls,
            ByHand.Write,
            ByHand.ReadLogLine
        ),
    ];

    private static Settings Settings() =>
        new(
            5000,
            128,
            65_536,
            true,
            10_000,
            false,
            "/var/lib/shop",
            100,
            1000,
            "127.0.0.1",
            60_000,
            32,
            true,
            3,
            "/var/log/shop.log",
            1 << 20,
            10_000,
            100,
            5,
            "shop",
            true,
            8080,
            4096,
            30_000,
            "eu-central",
            250,
            true,
            15_000,
            "shop",
            7,
            30_000,
            16
        );

    private static Order Order() =>
        new(
            4711,
            new Customer(
                42,
                "Ada Lovelace",
                "ada@example.org",
                new Address("12 St James's Square", "London", "United Kingdom", 10_115),
                null
            ),
            [.. Enumerable.Range(1, 16).Select(i => new Line($"article number {i} of many", i, i * 1.25))],
            212.5,
            "leave it at the door"
        );

    private static Tree? Tree(int depth, long value) =>
        depth == 0 ? null : new Tree(value * 1000, Tree(depth - 1, 2 * value), Tree(depth - 1, (2 * value) + 1));
}
