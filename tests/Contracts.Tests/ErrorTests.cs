using System.Numerics;
using CloudScale.Contracts.Samples;
using CloudScale.Serialization.Contracts;
using CloudScale.Serialization.Etf;

namespace CloudScale.Contracts.Tests;

/// <summary>What a refused term is told: the path to the place, what was wanted, what came.</summary>
[TestFixture]
internal sealed class ErrorTests
{
    private static readonly EtfDecodeContext s_context = new(EtfLimits.Untrusted);
    private static readonly Pid s_pid = new(new NodeIdentity("a@b", 1), 5);

    private static IEnumerable<TestCaseData> Refused =>
        [
            Case<Ping>(Tuple.Of(A("ping"), A("x"), 7), "ping.from: expected a pid, got the atom 'x'"),
            Case<Ping>(Tuple.Of(A("ping"), s_pid), "ping: expected {ping, from, n}, got a tuple of 2 elements that begins with 'ping'"),
            Case<Ping>(Tuple.Of(A("pong"), s_pid, 7), "ping: expected {ping, from, n}, got a tuple of 3 elements that begins with 'pong'"),
            Case<Ping>(Tuple.Of(1, s_pid, 7), "ping: expected {ping, from, n}, got a tuple of 3 elements"),
            Case<Ping>(A("ping"), "ping: expected {ping, from, n}, got the atom 'ping'"),
            Case<Ping>(
                Tuple.Of(A("ping"), s_pid, 1L << 31),
                "ping.n: expected an integer from -2147483648 to 2147483647, got the integer 2147483648"
            ),
            Case<Ping>(
                Tuple.Of(A("ping"), s_pid, BigInteger.Pow(2, 70)),
                "ping.n: expected an integer from -2147483648 to 2147483647, got an integer"
            ),
            Case<Ping>(Tuple.Of(A("ping"), s_pid, 1.5), "ping.n: expected an integer, got the float 1.5"),
            Case<Point>(Tuple.Of(1, 2, 3), "point: expected {x, y}, got a tuple of 3 elements"),
            Case<Point>(List.Of(1, 2), "point: expected {x, y}, got a list of bytes"),
            Case<User>(Tuple.Of(A("user"), "Ada", 36, "London"), "user.home: expected a list of characters, got a binary of 6 bytes"),
            Case<User>(Tuple.Of(A("user"), "Ada", A("nil"), List.Empty), "user.age: expected an integer, got the atom 'nil'"),
            Case<User>(Tuple.Of(A("user"), new Binary(new byte[] { 0xFF }), 1, List.Empty), "user.name: a text that is no UTF-8"),
            Case<Node>(
                Tuple.Of(A("node"), 1, Tuple.Of(A("node"), A("x"), Atoms.Undefined)),
                "node.next.value: expected an integer, got the atom 'x'"
            ),
            Case<Shapes>(
                Tuple.Of(A("shapes"), Tuple.Of(1, 2), A("red"), List.Of(A("red"), A("pink")), 0, List.Empty),
                "shapes.colours[1]: expected one of red, dark_blue, sea-green, got the atom 'pink'"
            ),
            Case<Account>(Map.Of((A("name"), "Ada")), "account.user_id: the key is missing"),
            Case<Account>(Map.Of((A("user_id"), 1)), "account.name: the key is missing"),
            Case<Account>(Map.Of((A("user_id"), "1"), (A("name"), "Ada")), "account.user_id: expected an integer, got a binary of 1 bytes"),
            Case<Account>(Tuple.Of(1), "account: expected a map, got a tuple of 1 element"),
            Case<Order>(
                Map.Of((A("__struct__"), A("Elixir.Shop.Cart")), (A("id"), 1)),
                "Shop.Order.__struct__: expected 'Elixir.Shop.Order', got the atom 'Elixir.Shop.Cart'"
            ),
            Case<Order>(Map.Of((A("id"), 1), (A("lines"), List.Empty), (A("customer"), "x")), "Shop.Order.__struct__: the key is missing"),
            Case<Order>(
                Map.Of((A("__struct__"), A("Elixir.Shop.Order")), (A("id"), 1), (A("customer"), A("nil")), (A("lines"), List.Of(5000))),
                "Shop.Order.lines[0]: expected a map, got the integer 5000"
            ),
            Case<Options>(List.Of(A("timeout")), "options.timeout: expected a value, got the key alone"),
            Case<Options>(Tuple.Of(1), "options: expected a list, got a tuple of 1 element"),
            Case<Options>(List.WithTail([Tuple.Of(A("timeout"), 1)], 2), "options: expected the end of a list, got the integer 2"),
            Case<Command>(A("go"), CommandSketch + "the atom 'go'"),
            Case<Command>(Tuple.Of(A("move"), Tuple.Of(1, 2), 3, 4), CommandSketch + "a tuple of 4 elements that begins with 'move'"),
            Case<Command>(Tuple.Of(1), CommandSketch + "a tuple of 1 element"),
            Case<Command>(Map.Of((A("id"), 1)), CommandSketch + "a map of 1"),
            Case<Command>(5, CommandSketch + "the integer 5"),
            Case<Command>(Tuple.Of(A("move"), Tuple.Of(1, A("y"))), "move.to.y: expected an integer, got the atom 'y'"),
            Case<Command>(
                Tuple.Of(A("many"), List.Of(A("stop"), A("go"))),
                "many.commands[1]: expected one of stop, {move, to}, {move, to, colour}, %Shop.Cancel{id}, {many, commands}, {quit, why}, got the atom 'go'"
            ),
            Case<Figure>(Map.Of((A("type"), A("square")), (A("radius"), 1.5)), FigureSketch + "a map of 2"),
            Case<Figure>(Map.Of((A("type"), "circle"), (A("radius"), 1.5)), FigureSketch + "a map of 2"),
            Case<Figure>(Map.Of((A("radius"), 1.5)), FigureSketch + "a map of 1"),
            Case<Figure>(Map.Of((A("type"), A("circle"))), "circle.radius: the key is missing"),
            Case<Figure>(
                Map.Of(
                    (A("type"), A("group")),
                    (A("name"), "x"),
                    (A("members"), List.Of(Map.Of((A("type"), A("circle")), (A("radius"), "x"))))
                ),
                "group.members[0].radius: expected a float, got a binary of 1 bytes"
            ),
            Case<Figure.Circle>(
                Map.Of((A("type"), A("group")), (A("radius"), 1.5)),
                "circle.type: expected 'circle', got the atom 'group'"
            ),
            Case<Event>(Map.Of(("kind", A("closed"))), "event: expected one of #{kind => größe, value}, #{kind => closed}, got a map of 1"),
            Case<Raw>(Tuple.Of(A("raw"), 1, 1), "raw.second: expected true or false, got the integer 1"),
            Case<Nullables>(
                Tuple.Of(A("optional"), 1, 1, "", "", A("nil"), A("null"), List.Empty, Tuple.Of(1, 2), A("undefined")),
                "optional.pair[1]: expected a text, got the integer 2"
            ),
            Case<Dictionaries>(
                Tuple.Of(A("dictionaries"), Map.Of(("a", 1), ("b", "c")), Map.Empty, Map.Empty),
                "dictionaries.by_text[1]: expected an integer, got a binary of 1 bytes"
            ),
            Case<Identities>(
                Tuple.Of(A("identities"), A("a"), s_pid, new Reference(s_pid.Node, 1), new Port(s_pid.Node, 1), 1, 2, 3, 4, 5, 6),
                "identities.tuple: expected a tuple, got the integer 2"
            ),
            Case<Times>(
                TimesWith(0, 1L << 60),
                "times.moment: expected a point in time from year 1 to 9999, got the integer 1152921504606846976"
            ),
            Case<Times>(
                TimesWith(4, Tuple.Of(2023, 2, 29)),
                "times.date: expected {Year, Month, Day} of the calendar, got a tuple of 3 elements"
            ),
            Case<Times>(
                TimesWith(5, Tuple.Of(24, 0, 0)),
                "times.time: expected {Hour, Minute, Second} of a day, got a tuple of 3 elements"
            ),
            Case<Times>(TimesWith(8, new byte[15]), "times.id: expected a GUID, a binary of 16 bytes, got a binary of 15 bytes"),
        ];

    private const string CommandSketch =
        "command: expected one of stop, {move, to}, {move, to, colour}, %Shop.Cancel{id}, {many, commands}, {quit, why}, got ";

    private const string FigureSketch =
        "figure: expected one of #{type => circle, radius}, #{type => group, members, name}, {line, from, to}, %Shop.Shape{sides}, got ";

    [TestCaseSource(nameof(Refused))]
    public void Term_ThatIsAnother_IsRefusedWithItsPlace(Func<byte[], (DecodeStatus, string?)> read, object term, string error)
    {
        byte[] bytes = ExternalTerm.Encode(term);
        (DecodeStatus status, string? actual) = read(bytes);
        Assert.That(actual, Is.EqualTo(error));
        Assert.That(status, Is.EqualTo(DecodeStatus.Malformed));
    }

    [Test]
    public void Map_WithAKeyTwice_IsRefused()
    {
        byte[] bytes = [131, 116, 0, 0, 0, 2, 119, 1, (byte)'x', 97, 1, 119, 1, (byte)'x', 97, 2];
        Assert.That(Read<Twice>(bytes), Is.EqualTo((DecodeStatus.Malformed, "twice.x: the key comes twice")));
    }

    [Test]
    public void Dictionary_WithAKeyTwice_IsRefused()
    {
        byte[] bytes = [131, 104, 1, 116, 0, 0, 0, 2, 97, 1, 97, 1, 98, 0, 0, 0, 1, 97, 2];
        Assert.That(Read<Counts>(bytes), Is.EqualTo((DecodeStatus.Malformed, "counts.items[1]: the key comes twice")));
    }

    [Test]
    public void Reader_AfterARefusedContract_StandsWhereItWas()
    {
        byte[] bytes = ExternalTerm.Encode(Tuple.Of(A("node"), 1, Tuple.Of(A("node"), A("x"), Atoms.Undefined)));
        EtfReader reader = new(bytes, s_context);
        reader.TryReadVersion();
        Assert.That(Node.TryReadTerm(ref reader, out Node node), Is.EqualTo(DecodeStatus.Malformed));
        Assert.That(node, Is.Null);
        Assert.That(reader.Position, Is.EqualTo(1));
        Assert.That(reader.ErrorPath, Is.EqualTo("node.next.value"));
        Assert.That(bytes[reader.ErrorOffset], Is.EqualTo(119), "the atom x");
        Assert.That(reader.TryReadTerm(out object? term), Is.EqualTo(DecodeStatus.Ok), "as a dynamic term it is right");
        Assert.That(term, Is.InstanceOf<Tuple>());
    }

    [Test]
    public void Contract_WithWhatIsNoTerm_IsNotWritten()
    {
        Assert.That(() => ExternalTerm.Encode(new Ping(default, 1)), Throws.ArgumentException);
        Assert.That(() => ExternalTerm.Encode(new Box<Node>(null!, 1)), Throws.InstanceOf<ArgumentException>());
        Assert.That(() => ExternalTerm.Encode(new Quit(new string('x', 256))), Throws.ArgumentException);
        Assert.That(() => ExternalTerm.Encode<Command>(new Command.MoveAndPaint(default, (Colour)9)), Throws.ArgumentException);
        Assert.That(() => ExternalTerm.Encode<Reply>(new Reply.Ok(new object())), Throws.ArgumentException);
        Assert.That(() => ExternalTerm.Encode<Command>(new Stranger()), Throws.ArgumentException.With.Message.Contains("Stranger"));
    }

    private static Atom A(string name) => name;

    private static Tuple TimesWith(int index, object value)
    {
        Tuple good = (Tuple)SampleValues.All.Single(sample => sample.Name == "Times").ToTerm();
        object[] elements = [.. good];
        elements[index + 1] = value;
        return Tuple.Of(elements);
    }

    private static (DecodeStatus, string?) Read<T>(byte[] bytes)
        where T : ITermContract<T> => (ExternalTerm.TryDecode<T>(bytes, s_context, out _, out _, out string? error), error);

    private static TestCaseData Case<T>(object term, string error)
        where T : ITermContract<T> =>
        new TestCaseData((Func<byte[], (DecodeStatus, string?)>)Read<T>, term, error).SetArgDisplayNames(error);

    private sealed record Stranger : Command;
}

[Term(Shape = TermShape.Map)]
internal sealed partial record Twice(int X);

[Term]
internal sealed partial record Counts(Dictionary<int, int> Items);
