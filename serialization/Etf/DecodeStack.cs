using System.Runtime.CompilerServices;

namespace CloudScale.Serialization.Etf;

/// <summary>The containers whose parts are still being read.</summary>
/// <remarks>Owner: the reader that took it, until it returns it. Each thread keeps one for the next reader, unless a deep term has blown it up.</remarks>
internal sealed class DecodeStack
{
    private const int KeptFrames = 1 << 10;

    [ThreadStatic]
    private static DecodeStack? t_spare;

    private Frame[] _frames = new Frame[16];
    private int _highWater; // frames above this index hold nothing

    /// <summary>What a container will be.</summary>
    internal enum Kind : byte
    {
        Tuple,
        List,
        Map,
        Fun,
        NativeRecord,

        // Of MessagePack, which has a form for arrays only and says in the first element what they are.
        Array,
        ImproperArray,
        ExternalFunParts,
        FunParts,
        NativeRecordParts,
    }

    /// <summary>How many containers are open.</summary>
    public int Depth { get; private set; }

    /// <summary>How many terms the containers around the innermost one still miss. Each needs a byte, which bounds what all heads together may promise.</summary>
    public long Behind { get; private set; }

    /// <summary>The innermost open container.</summary>
    public ref Frame Top => ref _frames[Depth - 1];

    /// <summary>Whether the next term is the tail of the innermost container, a list.</summary>
    public bool AtTail => Depth > 0 && Top.Kind == Kind.List && Top.Next + 1 == Top.Count;

    /// <summary>Bytes that the next <see cref="Open"/> allocates for itself; mostly none.</summary>
    public long Growth => Depth < _frames.Length ? 0 : HeapSize.Array(2L * _frames.Length, Unsafe.SizeOf<Frame>());

    public static DecodeStack Take()
    {
        DecodeStack? spare = t_spare;
        t_spare = null; // a reader inside a reader, as for compressed terms, makes its own
        return spare ?? new DecodeStack();
    }

    public void Return()
    {
        if (_frames.Length > KeptFrames)
            return;
        Array.Clear(_frames, 0, _highWater);
        _highWater = 0;
        Depth = 0;
        Behind = 0;
        t_spare = this;
    }

    /// <summary>How many terms would be missing behind a container that opens now.</summary>
    public long BehindNext() => Depth == 0 ? 0 : Behind + Top.Count - Top.Next - 1;

    public void Open(Kind kind, object parts, int count, int offset)
    {
        Behind = BehindNext();
        if (Depth == _frames.Length)
            Array.Resize(ref _frames, Depth * 2);
        _frames[Depth++] = new Frame
        {
            Kind = kind,
            Parts = parts,
            Count = count,
            Offset = offset,
        };
        if (Depth > _highWater)
            _highWater = Depth;
    }

    public void Close()
    {
        if (--Depth > 0)
            Behind -= Top.Count - Top.Next - 1;
    }

    internal struct Frame
    {
        public object Parts; // object[], Map.Entry[], or the Fun or NativeRecord itself
        public int Next; // parts that are there
        public int Count; // parts there will be; the tail of a list is one, a map's entry two
        public int Offset; // in the input, for errors
        public Kind Kind;
    }
}
