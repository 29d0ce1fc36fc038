using System.Diagnostics;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.Unicode;

namespace CloudScale;

/// <summary>An Erlang binary: a sequence of bytes.</summary>
/// <remarks>
/// Immutable by contract: the memory it was made of must not change. Threads: any. Equality is by content; a <see cref="string"/> in a term is the binary of its UTF-8.
/// Few bytes, up to 31, are held in the object itself, as a binary on a process's heap is on BEAM: one object, not two, and no memory of anybody else's is kept for them.
/// Wire: <c>109 | length:u32 | byte × length</c> (BINARY_EXT).
/// </remarks>
public sealed class Binary : IEquatable<Binary>
{
    /// <summary>The binary without bytes.</summary>
    public static readonly Binary Empty = new(default);

    internal const int InlineLength = 31; // with it the object fills 64 bytes; the array of one byte alone would take as much

    private readonly ReadOnlyMemory<byte> _memory; // of more
    private readonly Few _few; // its count is 0 if they are in the memory

    /// <summary>A binary over this memory. Owner: the binary; the caller must not change the bytes again.</summary>
    public Binary(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.Length > InlineLength)
        {
            _memory = bytes;
            return;
        }

        bytes.Span.CopyTo(_few.Bytes);
        _few.Count = (byte)bytes.Length;
    }

    private Binary(ReadOnlySpan<byte> few, byte count)
    {
        FewBytes.Copy(ref MemoryMarshal.GetReference(few), ref Unsafe.As<Few, byte>(ref _few), count);
        _few.Count = count;
    }

    /// <summary>The bytes. Up to 31 are copied for it: <see cref="Span"/> costs nothing.</summary>
    public ReadOnlyMemory<byte> Memory => _few.Count == 0 ? _memory : Span.ToArray();

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span =>
        _few.Count == 0 ? _memory.Span : MemoryMarshal.CreateReadOnlySpan(ref Unsafe.As<Few, byte>(ref Unsafe.AsRef(in _few)), _few.Count);

    /// <summary>Number of bytes.</summary>
    public int Length => _few.Count == 0 ? _memory.Length : _few.Count;

    /// <summary>A binary of a copy of these bytes.</summary>
    public static Binary CopyOf(ReadOnlySpan<byte> bytes) =>
        bytes.Length > InlineLength ? new Binary(bytes.ToArray())
        : bytes.IsEmpty ? Empty
        : new Binary(bytes, (byte)bytes.Length);

    /// <summary>A binary of a copy of at least one byte, at most as many as it holds itself.</summary>
    internal static Binary CopyOfFew(ReadOnlySpan<byte> bytes)
    {
        Debug.Assert(bytes.Length is > 0 and <= InlineLength, "few");
        return new Binary(bytes, (byte)bytes.Length);
    }

    /// <summary>The text in UTF-8; half a surrogate pair becomes U+FFFD.</summary>
    public static Binary FromUtf8(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return text.Length == 0 ? Empty : new Binary(Encoding.UTF8.GetBytes(text));
    }

    /// <summary>The bytes as text, if they are valid UTF-8.</summary>
    public bool TryGetString([NotNullWhen(true)] out string? text)
    {
        text = Utf8.IsValid(Span) ? Encoding.UTF8.GetString(Span) : null;
        return text is not null;
    }

    /// <inheritdoc/>
    public bool Equals(Binary? other) => other is not null && Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Binary);

    /// <inheritdoc/>
    public override int GetHashCode() => Term.HashBytes(Span, (ulong)TermKind.Binary);

    /// <summary>The binary as Erlang prints it: <c>&lt;&lt;"text"&gt;&gt;</c> or <c>&lt;&lt;1,2,3&gt;&gt;</c>.</summary>
    public override string ToString() => Term.Format(this);

    // One struct: beside another field the count would be padded to a word.
    private struct Few
    {
        public Room Bytes;
        public byte Count;
    }

    [InlineArray(InlineLength)]
    private struct Room
    {
        private byte _first;
    }
}
