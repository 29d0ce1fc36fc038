namespace CloudScale.Serialization.Etf;

/// <summary>How many bytes the objects of terms take in a 64-bit process: what <see cref="EtfLimits.MaxAllocationPerByte"/> counts.</summary>
/// <remarks>A test compares them with what the runtime really allocates. A 32-bit process needs less.</remarks>
internal static class HeapSize
{
    public const int Number = 24; // a boxed long or double
    public const int Identity = 32; // a boxed Pid, Reference or Port: two words
    public const int Tuple = 56; // with up to Tuple.InlineLength elements
    public const int List = 40; // without its array, as all that follow
    public const int Map = 48;
    public const int Binary = 64; // with up to Binary.InlineLength bytes
    public const int BitString = 32;
    public const int BigInteger = 32;
    public const int ExternalFun = 40;
    public const int Fun = 80;
    public const int NativeRecord = 56;
    public const int NodeIdentity = 32;
    public const int AliasOrigin = 32;
    public const int WideReference = 32;

    private const int NewAtom = 56 + (2 * 48) + 24 + 24; // the atom, its places in two tables, and the heads of its two texts
    private const int ArrayHead = 24;
    private const int MapEntry = 24;
    private const int NameSet = 64;
    private const int NameSetEntry = 28; // hash, next, name, and a bucket; a fifth more because there is a prime number of them

    /// <summary>An array.</summary>
    public static long Array(long length, int elementBytes) => Aligned(ArrayHead + (length * elementBytes));

    /// <summary>A binary with its bytes.</summary>
    public static long WholeBinary(long bytes) => Binary + (bytes > CloudScale.Binary.InlineLength ? Array(bytes, 1) : 0);

    /// <summary>A text of so many bytes in UTF-8, at most.</summary>
    public static long Text(int utf8Bytes) => Aligned(ArrayHead + (2L * utf8Bytes));

    /// <summary>So many texts of <see cref="EtfSpan.MaxTakenText"/> bytes, at most.</summary>
    public static int TakenTexts(int texts) => texts * (ArrayHead + (2 * EtfSpan.MaxTakenText));

    /// <summary>An array of references.</summary>
    public static long References(long length) => ArrayHead + (8 * length);

    /// <summary>A tuple with its elements' references.</summary>
    public static long WholeTuple(long elements) => Tuple + (elements > CloudScale.Tuple.InlineLength ? References(elements) : 0);

    /// <summary>A map with all it needs to find its keys.</summary>
    public static long WholeMap(long entries) =>
        Map + ArrayHead + (MapEntry * entries) + (entries > CloudScale.Map.ScanLimit ? References(entries) : 0);

    /// <summary>A native record with its names and values, and what telling the names apart takes.</summary>
    public static long WholeNativeRecord(long fields) =>
        NativeRecord
        + (2 * References(fields))
        + (fields > CloudScale.NativeRecord.FewFields ? Array(fields, NameSetEntry) + Array(0, 0) + NameSet : 0);

    /// <summary>What a reference of these words keeps beside itself: nothing if it is of our layout and has three.</summary>
    public static long ReferenceOrigin(ReadOnlySpan<uint> words) =>
        !Reference.HasOurLayout(words) ? WideReference + Array(words.Length, sizeof(uint))
        : words.Length == 3 ? 0
        : AliasOrigin;

    /// <summary>An atom that did not exist. Tables that grow for it are shared by all and not counted.</summary>
    public static long Atom(int utf8Bytes) => Aligned(NewAtom + (3L * utf8Bytes) + 8);

    private static long Aligned(long bytes) => (bytes + 7) & ~7L;
}
