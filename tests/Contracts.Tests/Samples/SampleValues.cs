using System.Collections.Immutable;
using System.Globalization;
using System.Numerics;

namespace CloudScale.Contracts.Samples;

/// <summary>A value or more of every contract.</summary>
public static class SampleValues
{
    private static readonly NodeIdentity s_node = new("a@b", 1);
    private static readonly Pid s_pid = new(s_node, 5);

    // What Erlang's source has no literal for.
    private const string PidSource = "binary_to_term(<<131,88,119,3,\"a@b\",5:32,0:32,1:32>>)";
    private const string ReferenceSource = "binary_to_term(<<131,90,3:16,119,3,\"a@b\",1:32,7:32,0:32,0:32>>)";
    private const string PortSource = "binary_to_term(<<131,89,119,3,\"a@b\",9:32,1:32>>)";

    public static IEnumerable<Sample> All => [.. Tuples(), .. Values(), .. Elixir(), .. Collections(), .. Maps(), .. Unions()];

    private static IEnumerable<Sample> Tuples() =>
        [
            Sample.Of(new Ping(s_pid, 7), $"{{ping, {PidSource}, 7}}"),
            Sample.Of(new Point(-1, 300), "{-1, 300}"),
            Sample.Of(new Placed(3, 1, 2), "{placed, 1, 2, 3}"),
            Sample.Of(new Classic("x") { Size = 2, Field = 3 }, "{classic, <<\"x\">>, 3, 2}"),
            Sample.Of(new Raw { First = 1L << 40, Second = true }, "{raw, 1099511627776, true}"),
            Sample.Of(new User("Ada", 36, "London"), "{user, <<\"Ada\">>, 36, \"London\"}"),
            Sample.Of(new User("Bob", null, ""), "{user, <<\"Bob\">>, undefined, []}", "UserWithoutAge"),
            Sample.Of(new Box<Ping>(new Ping(s_pid, 1), 2), $"{{box, {{ping, {PidSource}, 1}}, 2}}", "BoxOfPing"),
            Sample.Of(
                new Shapes(
                    new Point(1, 2),
                    Colour.Green,
                    [Colour.Red, Colour.DarkBlue],
                    new Box<Point>(new Point(3, 4), 5),
                    [new Ping(s_pid, 6)]
                ),
                $"{{shapes, {{1,2}}, 'sea-green', [red, dark_blue], {{box, {{3,4}}, 5}}, [{{ping, {PidSource}, 6}}]}}"
            ),
            Sample.Of(new Node(1, new Node(2, null)), "{node, 1, {node, 2, undefined}}"),
        ];

    private static IEnumerable<Sample> Values() =>
        [
            Sample.Of(
                new Plain(
                    -128,
                    255,
                    short.MinValue,
                    ushort.MaxValue,
                    int.MinValue,
                    uint.MaxValue,
                    long.MinValue,
                    ulong.MaxValue,
                    BigInteger.Pow(2, 80),
                    1.5,
                    -0.25f,
                    12.50m,
                    true,
                    "grüße"
                ),
                "{plain, -128, 255, -32768, 65535, -2147483648, 4294967295, -9223372036854775808, 18446744073709551615, 1 bsl 80, 1.5, -0.25, <<\"12.50\">>, true, <<\"grüße\"/utf8>>}"
            ),
            Sample.Of(
                new Plain(0, 0, 0, 0, 0, 0, 0, 0, BigInteger.Zero, 0, 0, 0, false, ""),
                "{plain, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0.0, 0.0, <<\"0\">>, false, <<>>}",
                "PlainZero"
            ),
            Sample.Of(
                new Texts("a", "an atom", "chars", "größe €", [1, 2], new byte[] { 3 }, [4, 5], new Binary(new byte[] { 6 })),
                "{texts, <<\"a\">>, 'an atom', \"chars\", [103,114,246,223,101,32,8364], <<1,2>>, <<3>>, <<4,5>>, <<6>>}"
            ),
            Sample.Of(
                new Identities(
                    "ok",
                    s_pid,
                    new Reference(s_node, 7),
                    new Port(s_node, 9),
                    Tuple.Of(1, "two"),
                    Tuple.Of(),
                    List.Of(1, 1000),
                    Map.Of((Atoms.Ok, 1)),
                    new BitString([1, 0b1010_0000], 3),
                    new ExternalFun("lists", "map", 2)
                ),
                $"{{identities, ok, {PidSource}, {ReferenceSource}, {PortSource}, {{1, <<\"two\">>}}, {{}}, [1, 1000], #{{ok => 1}}, <<1, 5:3>>, fun lists:map/2}}"
            ),
            Sample.Of(
                new Times(
                    new DateTime(2024, 2, 29, 12, 30, 45, 678, DateTimeKind.Utc),
                    new DateTime(1969, 12, 31, 23, 59, 59, DateTimeKind.Utc),
                    new DateTimeOffset(2024, 2, 29, 13, 30, 45, TimeSpan.FromHours(1)),
                    DateTime.UnixEpoch.AddTicks(-1),
                    new DateOnly(2024, 2, 29),
                    new TimeOnly(23, 59, 58),
                    TimeSpan.FromSeconds(1.5),
                    TimeSpan.FromMicroseconds(-7),
                    Guid.Parse("f81d4fae-7dec-11d0-a765-00a0c91e6bf6", CultureInfo.InvariantCulture),
                    Guid.Parse("f81d4fae-7dec-11d0-a765-00a0c91e6bf6", CultureInfo.InvariantCulture)
                ),
                "{times, 1709209845678, {{1969,12,31},{23,59,59}}, 1709209845, -100, {2024,2,29}, {23,59,58}, 1500, -7, "
                    + "<<16#f81d4fae7dec11d0a76500a0c91e6bf6:128>>, <<\"f81d4fae-7dec-11d0-a765-00a0c91e6bf6\">>}"
            ),
            Sample.Of(
                new Nullables(1, null, "t", null, null, null, [1, null, 300], (1, "r"), (new Point(1, 2), (true, 0.5))),
                "{optional, 1, undefined, <<\"t\">>, undefined, nil, null, [1, undefined, 300], {1, <<\"r\">>}, {{1,2}, {true, 0.5}}}"
            ),
        ];

    private static IEnumerable<Sample> Elixir() =>
        [
            Sample.Of(
                new Dates(
                    new DateTimeOffset(2024, 2, 29, 13, 30, 45, 678, 901, TimeSpan.FromHours(1)),
                    new DateTime(1969, 12, 31, 23, 59, 59),
                    new DateOnly(2024, 2, 29),
                    new TimeOnly(23, 59, 58, 0, 7),
                    12.50m,
                    null,
                    [0m, -0.001m, 1e20m, decimal.MaxValue, decimal.MinValue, 1e-28m]
                ),
                "{dates, #{'__struct__' => 'Elixir.DateTime', calendar => 'Elixir.Calendar.ISO', year => 2024, month => 2, day => 29, hour => 12, minute => 30, second => 45, "
                    + "microsecond => {678901, 6}, utc_offset => 0, std_offset => 0, time_zone => <<\"Etc/UTC\">>, zone_abbr => <<\"UTC\">>}, "
                    + "#{'__struct__' => 'Elixir.NaiveDateTime', calendar => 'Elixir.Calendar.ISO', year => 1969, month => 12, day => 31, hour => 23, minute => 59, second => 59, microsecond => {0, 6}}, "
                    + "#{'__struct__' => 'Elixir.Date', calendar => 'Elixir.Calendar.ISO', year => 2024, month => 2, day => 29}, "
                    + "#{'__struct__' => 'Elixir.Time', calendar => 'Elixir.Calendar.ISO', hour => 23, minute => 59, second => 58, microsecond => {7, 6}}, "
                    + "#{'__struct__' => 'Elixir.Decimal', sign => 1, coef => 1250, exp => -2}, undefined, "
                    + "[#{'__struct__' => 'Elixir.Decimal', sign => S, coef => C, exp => E} || {S, C, E} <- [{1, 0, 0}, {-1, 1, -3}, {1, 100000000000000000000, 0}, "
                    + "{1, (1 bsl 96) - 1, 0}, {-1, (1 bsl 96) - 1, 0}, {1, 1, -28}]]}"
            ),
            Sample.Of(
                new Invoice(7, 99.90m, new DateOnly(2025, 1, 31)),
                "#{'__struct__' => 'Elixir.Shop.Invoice', id => 7, total => #{'__struct__' => 'Elixir.Decimal', sign => 1, coef => 9990, exp => -2}, "
                    + "due => #{'__struct__' => 'Elixir.Date', calendar => 'Elixir.Calendar.ISO', year => 2025, month => 1, day => 31}, paid_at => nil}"
            ),
            Sample.Of(
                new Subscribe(new Pid<Command>(s_pid), null, [new Pid<Ping>(s_pid)]),
                $"{{subscribe, {PidSource}, undefined, [{PidSource}]}}"
            ),
        ];

    private static IEnumerable<Sample> Collections() =>
        [
            Sample.Of(
                new Collections(
                    [1, 2, 255],
                    [1, -1, 1L << 40],
                    [1, 256],
                    [1, 65535],
                    [0.5, -1],
                    ["a", "ü"],
                    [new Point(1, 2), new Point(3, 4)],
                    ["x", "y"],
                    [7, 8],
                    ["p"],
                    ["one"],
                    [1, "two", Atoms.Ok],
                    [
                        ["a"],
                        [],
                        ["b", "c"],
                    ]
                ),
                "{collections, [1,2,255], [1,-1,1099511627776], [1,256], [1,65535], [0.5,-1.0], [<<\"a\">>,<<\"ü\"/utf8>>], [{1,2},{3,4}], "
                    + "[<<\"x\">>,<<\"y\">>], [7,8], [<<\"p\">>], [<<\"one\">>], [1,<<\"two\">>,ok], [[<<\"a\">>],[],[<<\"b\">>,<<\"c\">>]]}"
            ),
            Sample.Of(
                new Collections([], [], [], [], [], [], [], [], [], [], [], [], []),
                "{collections, [], [], [], [], [], [], [], [], [], [], [], [], []}",
                "EmptyCollections"
            ),
            Sample.Of(
                new Dictionaries(
                    new Dictionary<string, int> { ["a"] = 1, ["b"] = 2 },
                    new Dictionary<int, string> { [1] = "x" },
                    ImmutableDictionary<Atom, Point>.Empty.Add("p", new Point(1, 2))
                ),
                "{dictionaries, #{<<\"a\">> => 1, <<\"b\">> => 2}, #{1 => <<\"x\">>}, #{p => {1,2}}}"
            ),
        ];

    private static IEnumerable<Sample> Maps() =>
        [
            Sample.Of(new Account(1L << 33, "Ada"), "#{user_id => 8589934592, name => <<\"Ada\">>, email => undefined, retries => 3}"),
            Sample.Of(
                new Account(1, "Ada", "a@b", "+1", 0),
                "#{user_id => 1, name => <<\"Ada\">>, email => <<\"a@b\">>, phone => <<\"+1\">>, retries => 0}",
                "FullAccount"
            ),
            Sample.Of(new Json("Ada", 36, 1.7), "#{<<\"firstName\">> => <<\"Ada\">>, <<\"age\">> => 36, <<\"größe\"/utf8>> => 1.7}"),
            Sample.Of(new Headers(5, true), "#{\"length\" => 5, \"chunked\" => true}"),
            Sample.Of(
                new Order(7, null, [new Line("tea", 2)]),
                "#{'__struct__' => 'Elixir.Shop.Order', id => 7, customer => nil, lines => [#{'__struct__' => 'Elixir.Shop.Line', article => <<\"tea\">>, count => 2}]}"
            ),
            Sample.Of(new Options(10, true), "[{timeout, 10}, {verbose, true}]"),
            Sample.Of(new Options(Name: "x"), "[{timeout, 5000}, {verbose, false}, {name, <<\"x\">>}]", "NamedOptions"),
            Sample.Of(new Settings { Enabled = true }, "#{size => 10, enabled => true}"),
        ];

    private static IEnumerable<Sample> Unions() =>
        [
            Sample.Of<Command>(new Command.Stop(), "stop", "Stop"),
            Sample.Of<Command>(new Command.Move(new Point(1, 2)), "{move, {1,2}}", "Move"),
            Sample.Of<Command>(new Command.MoveAndPaint(new Point(1, 2), Colour.Red), "{move, {1,2}, red}", "MoveAndPaint"),
            Sample.Of<Command>(new Command.Cancel(9), "#{'__struct__' => 'Elixir.Shop.Cancel', id => 9}", "Cancel"),
            Sample.Of<Command>(new Command.Many([new Command.Stop(), new Quit("bored")]), "{many, [stop, {quit, bored}]}", "Many"),
            Sample.Of<Reply>(new Reply.Ok(List.Of(1)), "{ok, [1]}", "Ok"),
            Sample.Of<Reply>(new Reply.Error("enoent"), "{error, enoent}", "Error"),
            Sample.Of<Figure>(new Figure.Circle(1.5), "#{type => circle, radius => 1.5}", "Circle"),
            Sample.Of<Figure>(
                new Figure.Group([new Figure.Circle(1), new Figure.Segment(new Point(1, 2), new Point(3, 4)), new Figure.Drawn(3)]),
                "#{type => group, name => undefined, members => [#{type => circle, radius => 1.0}, {line, {1,2}, {3,4}}, #{'__struct__' => 'Elixir.Shop.Shape', sides => 3}]}",
                "Group"
            ),
            Sample.Of<Event>(new Event.Size(1), "#{<<\"kind\">> => <<\"größe\"/utf8>>, <<\"value\">> => 1}", "Size"),
            Sample.Of<Event>(new Event.Closed(), "#{<<\"kind\">> => <<\"closed\">>}", "Closed"),
        ];
}
