using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace CloudScale;

/// <summary>An Erlang binary: a sequence of bytes.</summary>
/// <remarks>
/// Immutable by contract: the memory it was made of must not change. Threads: any. Equality is by content; a <see cref="string"/> in a term is the binary of its UTF-8.
/// Wire: <c>109 | length:u32 | byte × length</c> (BINARY_EXT).
/// </remarks>
public sealed class Binary : IEquatable<Binary>
{
    /// <summary>The binary without bytes.</summary>
    public static readonly Binary Empty = new(default);

    /// <summary>A binary over this memory. Owner: the binary; the caller must not change the bytes again.</summary>
    public Binary(ReadOnlyMemory<byte> bytes) => Memory = bytes;

    /// <summary>The bytes.</summary>
    public ReadOnlyMemory<byte> Memory { get; }

    /// <summary>The bytes.</summary>
    public ReadOnlySpan<byte> Span => Memory.Span;

    /// <summary>Number of bytes.</summary>
    public int Length => Memory.Length;

    /// <summary>A binary of a copy of these bytes.</summary>
    public static Binary CopyOf(ReadOnlySpan<byte> bytes) => bytes.IsEmpty ? Empty : new Binary(bytes.ToArray());

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
}
