namespace CloudScale.Serialization.Etf;

/// <summary>The containers whose parts are still being read, and those parts.</summary>
/// <remarks>Owner: the reader that took it, until it returns it. Each thread keeps one for the next reader, unless a huge term has blown it up.</remarks>
internal sealed class DecodeStack
{
    private const int KeptFrames = 1 << 10;
    private const int KeptParts = 1 << 13;

    [ThreadStatic]
    private static DecodeStack? t_spare;

    private Frame[] _frames = new Frame[16];
    private object[] _parts = new object[64];
    private int _partCount;
    private int _highWater; // parts above this index are null

    /// <summary>What a container will be.</summary>
    internal enum Kind : byte
    {
        Tuple,
        List,
        Map,
        Fun,
    }

    /// <summary>How many containers are open.</summary>
    public int Depth { get; private set; }

    /// <summary>The innermost open container.</summary>
    public ref Frame Top => ref _frames[Depth - 1];

    /// <summary>How many parts the innermost container has.</summary>
    public int PartsOfTop => _partCount - Top.Base;

    /// <summary>Whether the next term is the tail of the innermost container, a list.</summary>
    public bool AtTail => Depth > 0 && Top.Kind == Kind.List && Top.Missing == 1;

    public static DecodeStack Take()
    {
        DecodeStack? spare = t_spare;
        t_spare = null; // a reader inside a reader, as for compressed terms, makes its own
        return spare ?? new DecodeStack();
    }

    public void Return()
    {
        if (_frames.Length > KeptFrames || _parts.Length > KeptParts)
            return;
        Array.Clear(_parts, 0, _highWater);
        _highWater = 0;
        _partCount = 0;
        Depth = 0;
        t_spare = this;
    }

    public void Open(Kind kind, int missing, int offset)
    {
        if (Depth == _frames.Length)
            Array.Resize(ref _frames, Depth * 2);
        _frames[Depth++] = new Frame
        {
            Kind = kind,
            Missing = missing,
            Base = _partCount,
            Offset = offset,
        };
    }

    public void Push(object part)
    {
        if (_partCount == _parts.Length)
            Array.Resize(ref _parts, _partCount * 2);
        _parts[_partCount++] = part;
        if (_partCount > _highWater)
            _highWater = _partCount;
    }

    public Frame Pop() => _frames[--Depth];

    public ReadOnlySpan<object> PartsOf(in Frame frame) => _parts.AsSpan(frame.Base, _partCount - frame.Base);

    public void Drop(in Frame frame) => _partCount = frame.Base;

    internal struct Frame
    {
        public Kind Kind;
        public int Missing; // terms still to come
        public int Base; // index of its first part
        public int Offset; // in the input, for errors
    }
}
