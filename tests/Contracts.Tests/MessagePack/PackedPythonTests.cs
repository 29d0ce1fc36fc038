using CloudScale.Contracts.Samples;
using CloudScale.Serialization.Etf;
using CloudScale.Serialization.MessagePack;
using CloudScale.Serialization.Tests;

namespace CloudScale.Contracts.Tests;

/// <summary>Contracts in MessagePack are the plain values that a program in Python, which knows nothing of terms, would write for them.</summary>
[TestFixture]
internal sealed class PackedPythonTests
{
    private const string Pid = "ExtType(18, bytes.fromhex('000000010000000500000000') + b'a@b')";

    // A sample by its name, and the same value in Python.
    private static readonly (string Sample, string Python)[] s_cases =
    [
        ("Ping", $"['ping', {Pid}, 7]"),
        ("Point", "[-1, 300]"),
        ("Placed", "['placed', 1, 2, 3]"),
        ("Classic", "['classic', 'x', 3, 2]"),
        ("Raw", "['raw', 2**40, True]"),
        ("User", "['user', 'Ada', 36, 'London']"),
        ("UserWithoutAge", "['user', 'Bob', None, '']"),
        ("BoxOfPing", $"['box', ['ping', {Pid}, 1], 2]"),
        ("Shapes", $"['shapes', [1, 2], 'sea-green', ['red', 'dark_blue'], ['box', [3, 4], 5], [['ping', {Pid}, 6]]]"),
        ("Node", "['node', 1, ['node', 2, None]]"),
        ("Texts", "['texts', 'a', 'an atom', 'chars', 'größe €', bytes([1, 2]), bytes([3]), bytes([4, 5]), bytes([6])]"),
        (
            "Times",
            "['times', Timestamp(1709209845, 678000000), Timestamp(-1, 0), Timestamp(1709209845, 0), Timestamp(-1, 999999900), [2024, 2, 29], "
                + "[23, 59, 58], 1500, -7, bytes.fromhex('f81d4fae7dec11d0a76500a0c91e6bf6'), 'f81d4fae-7dec-11d0-a765-00a0c91e6bf6']"
        ),
        (
            "Dates",
            "['dates', Timestamp(1709209845, 678901000), Timestamp(-1, 0), [2024, 2, 29], [23, 59, 58, 7], '12.50', None, "
                + "['0', '-0.001', '100000000000000000000', '79228162514264337593543950335', '-79228162514264337593543950335', '0.0000000000000000000000000001']]"
        ),
        ("Invoice", "{'__struct__': 'Elixir.Shop.Invoice', 'due': [2025, 1, 31], 'id': 7, 'paid_at': None, 'total': '99.90'}"),
        ("Subscribe", $"['subscribe', {Pid}, None, [{Pid}]]"),
        ("Nullables", "['optional', 1, None, 't', None, None, None, [1, None, 300], [1, 'r'], [[1, 2], [True, 0.5]]]"),
        (
            "Collections",
            "['collections', [1, 2, 255], [1, -1, 2**40], [1, 256], [1, 65535], [0.5, -1.0], ['a', 'ü'], [[1, 2], [3, 4]], ['x', 'y'], [7, 8], "
                + "['p'], ['one'], [1, b'two', ExtType(17, b'ok')], [['a'], [], ['b', 'c']]]"
        ),
        ("Dictionaries", "['dictionaries', {'a': 1, 'b': 2}, {1: 'x'}, {ExtType(17, b'p'): [1, 2]}]"),
        ("Account", "{'email': None, 'name': 'Ada', 'retries': 3, 'user_id': 2**33}"),
        ("FullAccount", "{'email': 'a@b', 'name': 'Ada', 'phone': '+1', 'retries': 0, 'user_id': 1}"),
        ("Json", "{'age': 36, 'firstName': 'Ada', 'größe': 1.7}"),
        ("Headers", "{'chunked': True, 'length': 5}"),
        (
            "Order",
            "{'__struct__': 'Elixir.Shop.Order', 'customer': None, 'id': 7, 'lines': [{'__struct__': 'Elixir.Shop.Line', 'article': 'tea', 'count': 2}]}"
        ),
        ("Options", "{'timeout': 10, 'verbose': True}"),
        ("NamedOptions", "{'timeout': 5000, 'verbose': False, 'name': 'x'}"),
        ("Settings", "{'enabled': True, 'size': 10}"),
        ("Stop", "'stop'"),
        ("Move", "['move', [1, 2]]"),
        ("MoveAndPaint", "['move', [1, 2], 'red']"),
        ("Cancel", "{'__struct__': 'Elixir.Shop.Cancel', 'id': 9}"),
        ("Many", "['many', ['stop', ['quit', 'bored']]]"),
        ("Ok", "['ok', [1]]"),
        ("Circle", "{'radius': 1.5, 'type': 'circle'}"),
        (
            "Group",
            "{'members': [{'radius': 1.0, 'type': 'circle'}, ['line', [1, 2], [3, 4]], {'__struct__': 'Elixir.Shop.Shape', 'sides': 3}], 'name': None, 'type': 'group'}"
        ),
        ("Size", "{'kind': 'größe', 'value': 1}"),
        ("Closed", "{'kind': 'closed'}"),
        ("Error", "['error', ExtType(17, b'enoent')]"),
    ];

    // What Python writes otherwise than we: longer forms, and other types that mean the same.
    private static readonly (string Python, Action<byte[]> Check)[] s_foreign =
    [
        ("['ping', " + Pid + ", 7]", bytes => AssertReads(bytes, new Ping(SamplePid, 7))),
        ("[ExtType(17, b'ping'), " + Pid + ", 7]", bytes => AssertReads(bytes, new Ping(SamplePid, 7))),
        ("[ExtType(16, bytes([1])), ExtType(17, b'ping'), " + Pid + ", 7]", bytes => AssertReads(bytes, new Ping(SamplePid, 7))),
        ("{'größe': 2, 'age': 36, 'other': [1, {2: 3}], 'firstName': b'Ada'}", bytes => AssertReads(bytes, new Json("Ada", 36, 2))),
        ("{b'age': 36, 'firstName': 'Ada', 'größe': 1.5}", bytes => AssertReads(bytes, new Json("Ada", 36, 1.5))),
        ("['user', 'Bob', None, [66, 101, 114, 108, 105, 110]]", bytes => AssertReads(bytes, new User("Bob", null, "Berlin"))),
        ("['user', 'Bob', ExtType(17, b'undefined'), '']", bytes => AssertReads(bytes, new User("Bob", null, ""))),
        ("{}", bytes => AssertReads(bytes, new Options())),
        ("[['timeout', 1], 'verbose', 5]", bytes => AssertReads(bytes, new Options(1, true))),
        ("{'enabled': True, 'enable': False}", bytes => Assert.That(Read<Settings>(bytes).Enabled)),
    ];

    private static Pid SamplePid => new(new NodeIdentity("a@b", 1), 5);

    [Test]
    public void Contract_Packed_IsWhatPythonPacks()
    {
        Dictionary<string, Sample> samples = SampleValues.All.ToDictionary(sample => sample.Name);
        string[] others = ["Plain", "PlainZero", "Identities", "EmptyCollections"]; // floats of 32 bits, and what only terms have
        Assert.That(s_cases.Select(one => one.Sample).Concat(others), Is.SupersetOf(samples.Keys));
        string[] theirs = Python.Ask([.. s_cases.Select(one => one.Python)]);
        Assert.Multiple(() =>
        {
            for (int i = 0; i < theirs.Length; i++)
                Assert.That(Convert.ToHexStringLower(samples[s_cases[i].Sample].Pack()), Is.EqualTo(theirs[i]), s_cases[i].Python);
        });
    }

    [Test]
    public void Contract_AsOthersWouldWriteIt_IsRead()
    {
        string[] theirs = Python.Ask([.. s_foreign.Select(one => one.Python)]);
        Assert.Multiple(() =>
        {
            for (int i = 0; i < theirs.Length; i++)
                s_foreign[i].Check(Convert.FromHexString(theirs[i]));
        });
    }

    private static void AssertReads<T>(byte[] bytes, T value)
        where T : CloudScale.Serialization.Contracts.ITermContract<T> => Assert.That(Read<T>(bytes), Is.EqualTo(value));

    private static T Read<T>(byte[] bytes)
        where T : CloudScale.Serialization.Contracts.ITermContract<T>
    {
        DecodeStatus status = MessagePackContract.TryDecode<T>(bytes, Sample.Context, out T? value, out _, out string? error);
        Assert.That(status, Is.EqualTo(DecodeStatus.Ok), error);
        return value!;
    }
}
