using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;

namespace CloudScale.Serialization.Etf;

/// <content>
/// Atoms, and what carries the name of a node, put into a span that is known to be long enough (<see cref="EtfSpan"/> says how long): how they are written is a matter of
/// the writer's options. Each returns the offset behind what it wrote.
/// </content>
public ref partial struct EtfWriter
{
    /// <summary>An atom; forms as <see cref="WriteAtom"/>.</summary>
    public readonly int PutAtom(Span<byte> span, int at, Atom atom)
    {
        ArgumentNullException.ThrowIfNull(atom);
        ReadOnlySpan<byte> utf8 = atom.Utf8;
        if (utf8.Length > byte.MaxValue || !_options.WritesAtomsPlainly)
            return PutOtherAtom(span, at, atom);
        span = span.Slice(at, 2 + utf8.Length);
        span[1] = (byte)utf8.Length;
        span[0] = (byte)EtfTag.SmallAtomUtf8;
        if (utf8.Length <= FewBytes.Most)
            FewBytes.Copy(
                ref MemoryMarshal.GetReference(utf8),
                ref Unsafe.Add(ref MemoryMarshal.GetReference(span), 2),
                (nuint)utf8.Length
            );
        else
            utf8.CopyTo(span[2..]);
        return at + 2 + utf8.Length;
    }

    /// <summary>A pid; <see cref="WritePid"/>.</summary>
    /// <exception cref="ArgumentException">It is <c>default</c>, which names no process.</exception>
    public readonly int PutPid(Span<byte> span, int at, Pid pid)
    {
        if (pid.IsNone)
            ThrowNoIdentity("pid");
        NodeIdentity node = pid.Node;
        _options.Identities?.Remember(node);
        span[at] = (byte)EtfTag.NewPid;
        at = PutAtom(span, at + 1, node.Name);
        span = span.Slice(at, 12);
        BinaryPrimitives.WriteUInt32BigEndian(span, pid.Id);
        BinaryPrimitives.WriteUInt32BigEndian(span[4..], pid.Serial);
        BinaryPrimitives.WriteUInt32BigEndian(span[8..], node.Creation);
        return at + 12;
    }

    /// <summary>A reference; <see cref="WriteReference"/>.</summary>
    /// <exception cref="ArgumentException">It is <c>default</c>, which is no reference.</exception>
    public readonly int PutReference(Span<byte> span, int at, Reference reference)
    {
        if (!reference.TryGetPlain(out NodeIdentity? node))
            return PutOtherReference(span, at, reference);
        _options.Identities?.Remember(node);
        span[at + 2] = 3;
        span[at + 1] = 0;
        span[at] = (byte)EtfTag.NewerReference;
        at = PutAtom(span, at + 3, node.Name);
        span = span.Slice(at, 16);
        ulong number = reference.Number;
        BinaryPrimitives.WriteUInt32BigEndian(span, node.Creation);
        BinaryPrimitives.WriteUInt32BigEndian(span[4..], (uint)number & Reference.FirstWord);
        BinaryPrimitives.WriteUInt32BigEndian(span[8..], (uint)(number >> 18));
        BinaryPrimitives.WriteUInt32BigEndian(span[12..], (uint)(number >> 50));
        return at + 16;
    }

    private readonly int PutOtherReference(Span<byte> span, int at, Reference reference)
    {
        if (reference.IsNone)
            ThrowNoIdentity("reference");
        NodeIdentity node = reference.Node;
        _options.Identities?.Remember(node);
        int count = reference.WordCount;
        BinaryPrimitives.WriteUInt16BigEndian(span[(at + 1)..], (ushort)count);
        span[at] = (byte)EtfTag.NewerReference;
        at = PutAtom(span, at + 3, node.Name);
        BinaryPrimitives.WriteUInt32BigEndian(span[at..], node.Creation);
        Span<uint> words = stackalloc uint[Reference.MaxWords];
        reference.CopyWords(words);
        at += 4;
        for (int i = 0; i < count; i++, at += 4)
            BinaryPrimitives.WriteUInt32BigEndian(span[at..], words[i]);
        return at;
    }

    private readonly int PutOtherAtom(Span<byte> span, int at, Atom atom)
    {
        if (_options.AtomReferences is { } references && references.TryReference(atom, out byte index))
        {
            // ATOM_CACHE_REF: 82 | index:u8
            span[at] = (byte)EtfTag.AtomCacheRef;
            span[at + 1] = index;
            return at + 2;
        }

        string name = atom.Name;
        if (_options.MinorVersion < 2 && !name.AsSpan().ContainsAnyExceptInRange('\0', '\u00FF'))
        {
            span[at] = (byte)EtfTag.Atom;
            BinaryPrimitives.WriteUInt16BigEndian(span[(at + 1)..], (ushort)name.Length);
            return at + 3 + Encoding.Latin1.GetBytes(name, span[(at + 3)..]);
        }

        ReadOnlySpan<byte> utf8 = atom.Utf8;
        int head = utf8.Length <= byte.MaxValue ? 2 : 3;
        span[at] = (byte)(head == 2 ? EtfTag.SmallAtomUtf8 : EtfTag.AtomUtf8);
        span[at + 1] = (byte)utf8.Length;
        if (head == 3)
            BinaryPrimitives.WriteUInt16BigEndian(span[(at + 1)..], (ushort)utf8.Length);
        utf8.CopyTo(span[(at + head)..]);
        return at + head + utf8.Length;
    }
}
