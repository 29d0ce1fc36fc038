namespace CloudScale.Interop;

/// <summary>A node name in its two parts, <c>alive@host</c>.</summary>
/// <remarks>A host with a dot in it makes the name a long one; nodes with long and with short names cannot be connected, as with Erlang.</remarks>
internal readonly record struct NodeName(string Alive, string Host)
{
    public bool IsLong => Host.Contains('.', StringComparison.Ordinal) || Host.Contains(':', StringComparison.Ordinal);

    /// <summary>Parses a full name; false for anything that is not <c>alive@host</c> of at most 255 characters without blanks.</summary>
    public static bool TryParse(string text, out NodeName name)
    {
        name = default;
        int at = text.IndexOf('@', StringComparison.Ordinal);
        if (at <= 0 || at == text.Length - 1 || text.IndexOf('@', at + 1) >= 0)
            return false;
        int characters = 0;
        foreach (System.Text.Rune rune in text.EnumerateRunes())
        {
            characters++;
            if (rune.Value <= ' ' || rune.Value == 0x7F)
                return false;
        }

        if (characters > Atom.MaxCharacters)
            return false;
        name = new NodeName(text[..at], text[(at + 1)..]);
        return true;
    }

    public override string ToString() => $"{Alive}@{Host}";
}
