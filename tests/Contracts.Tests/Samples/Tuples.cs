using System.Collections.Immutable;
using System.Numerics;

namespace CloudScale.Contracts.Samples;

#pragma warning disable CA1051 // fields are members of contracts, too

/// <summary>A tagged tuple.</summary>
[Term("ping")]
public sealed partial record Ping(Pid From, int N);

/// <summary>A tuple without tag.</summary>
[Term]
public readonly partial record struct Point(int X, int Y);

/// <summary>Every plain type.</summary>
[Term("plain")]
public sealed partial record Plain(
    sbyte SByte,
    byte Byte,
    short Int16,
    ushort UInt16,
    int Int32,
    uint UInt32,
    long Int64,
    ulong UInt64,
    BigInteger Big,
    double Double,
    float Single,
    decimal Decimal,
    bool Truth,
    string Text
);

/// <summary>Every form of text, and of bytes.</summary>
[Term("texts")]
public sealed partial record Texts(
    string Binary,
    [property: TermMember(Text = TermText.Atom)] string Name,
    [property: TermMember(Text = TermText.Charlist)] string Chars,
    [property: TermMember(Text = TermText.Charlist)] string WideChars,
    byte[] Bytes,
    ReadOnlyMemory<byte> Memory,
    ImmutableArray<byte> ImmutableBytes,
    Binary Blob
);

/// <summary>The terms of Erlang that .NET has no type for, and those that may be anything.</summary>
[Term("identities")]
public sealed partial record Identities(
    Atom Atom,
    Pid Pid,
    Reference Reference,
    Port Port,
    object Anything,
    Tuple Tuple,
    List List,
    Map Map,
    BitString Bits,
    ExternalFun Fun
);

/// <summary>Points in time, durations and GUIDs.</summary>
[Term("times")]
public sealed partial record Times(
    DateTime Moment,
    [property: TermMember(Time = TermTime.Calendar)] DateTime Calendar,
    [property: TermMember(Time = TermTime.Seconds)] DateTimeOffset Offset,
    [property: TermMember(Time = TermTime.Nanoseconds)] DateTime Nanoseconds,
    DateOnly Date,
    TimeOnly Time,
    TimeSpan Duration,
    [property: TermMember(Time = TermTime.Microseconds)] TimeSpan Micros,
    Guid Id,
    [property: TermMember(Guid = TermGuid.Text)] Guid TextId
);

/// <summary>Every collection.</summary>
[Term("collections")]
public sealed partial record Collections(
    int[] Integers,
    long[] Longs,
    List<int> IntegerList,
    ImmutableArray<ushort> Shorts,
    double[] Doubles,
    string[] Texts,
    List<Point> Points,
    ImmutableArray<string> ImmutableTexts,
    IReadOnlyList<int> ReadOnlyIntegers,
    IReadOnlyList<string> ReadOnlyTexts,
    HashSet<string> Set,
    object[] Anything,
    List<List<string>> Nested
);

/// <summary>Every dictionary.</summary>
[Term("dictionaries")]
public sealed partial record Dictionaries(
    Dictionary<string, int> ByText,
    IReadOnlyDictionary<int, string> ByInteger,
    ImmutableDictionary<Atom, Point> ByAtom
);

/// <summary>Null, and tuples in tuples.</summary>
[Term("optional")]
public sealed partial record Nullables(
    int? Number,
    int? NoNumber,
    string? Text,
    string? NoText,
    [property: TermMember(Null = TermNull.Nil)] Point? Nil,
    [property: TermMember(Null = TermNull.Null)] Pid? Null,
    List<int?> Numbers,
    (int Left, string Right) Pair,
    (Point, (bool, double))? Nested
);

/// <summary>Members out of the order of the declaration.</summary>
[Term("placed")]
public sealed partial record Placed(
    [property: TermMember(Position = 3)] int Third,
    int First,
    [property: TermMember(Position = 2)] int Second
);

/// <summary>A class with a constructor of its own, a property that is set, a field, and what is left out.</summary>
[Term("classic")]
public sealed partial class Classic
{
    /// <summary>A field is a member too.</summary>
    public int Field;

    /// <summary>The constructor that is used.</summary>
    public Classic(string name) => Name = name;

    /// <summary>Set by the constructor.</summary>
    public string Name { get; }

    /// <summary>Set afterwards.</summary>
    public required int Size { get; init; }

    /// <summary>Computed, so no member.</summary>
    public string Shout => Name.ToUpperInvariant();

    /// <summary>No member either.</summary>
    [TermIgnore]
    public int Ignored { get; set; }
}

/// <summary>A struct with fields only.</summary>
[Term("raw")]
public partial struct Raw
{
    /// <summary>The first.</summary>
    public long First;

    /// <summary>The second.</summary>
    public bool Second;
}

/// <summary>An Erlang record; null is undefined.</summary>
[Term("user", Shape = TermShape.Record)]
public sealed partial record User(string Name, int? Age, [property: TermMember(Text = TermText.Charlist)] string Home);

/// <summary>A contract of any other contract.</summary>
[Term("box")]
public sealed partial record Box<T>(T Content, int Count)
    where T : CloudScale.Serialization.Contracts.ITermContract<T>;

/// <summary>Contracts in contracts.</summary>
[Term("shapes")]
public sealed partial record Shapes(Point Origin, Colour Colour, List<Colour> Colours, Box<Point> Box, Ping[] Pings);

/// <summary>A contract that contains itself.</summary>
[Term("node")]
public sealed partial record Node(int Value, Node? Next);
