using System.Text;

namespace CloudScale.Runtime.Services.Io;

/// <summary>Erlang's ways of writing text: lists of characters, binaries and such lists, nested.</summary>
/// <remarks>Terms come from other nodes: nothing here recurses, and each is walked once.</remarks>
internal static class CharData
{
    /// <summary>Appends the text of chardata; false if it is none. What was appended before the fault stays.</summary>
    /// <param name="text">Where to.</param>
    /// <param name="data">A list, a binary, or nil.</param>
    /// <param name="latin1">Characters are bytes: those above 255 are no text, and a binary is its bytes. Else a binary is UTF-8, or its bytes if it is not.</param>
    internal static bool TryAppend(StringBuilder text, object data, bool latin1)
    {
        Stack<(List List, int Index)> open = new();
        object next = data;
        while (true)
        {
            switch (next)
            {
                case List list:
                    open.Push((list, 0));
                    break;
                case Binary binary:
                    AppendBinary(text, binary, latin1);
                    break;
                case string alias when !latin1:
                    text.Append(alias);
                    break;
                case long character when open.Count > 0 && TryAppendCharacter(text, character, latin1):
                    break;
                default:
                    return false;
            }

            if (!TryTakeNext(open, out next))
                return true;
        }
    }

    /// <summary>The text of chardata; null if it is none.</summary>
    internal static string? TryGetText(object data, bool latin1 = false)
    {
        StringBuilder text = new();
        return TryAppend(text, data, latin1) ? text.ToString() : null;
    }

    /// <summary>Code points of a text: what Erlang calls its length, but for marks that join the character before them.</summary>
    internal static int CountCodePoints(string text)
    {
        int count = text.Length;
        foreach (char c in text)
        {
            if (char.IsLowSurrogate(c))
                count--;
        }

        return count;
    }

    /// <summary>The first characters of a text.</summary>
    internal static string Truncate(string text, int codePoints)
    {
        int end = 0;
        for (; codePoints > 0 && end < text.Length; codePoints--)
            end += char.IsHighSurrogate(text[end]) && end + 1 < text.Length ? 2 : 1;
        return text[..end];
    }

    private static bool TryTakeNext(Stack<(List List, int Index)> open, out object next)
    {
        while (open.TryPop(out (List List, int Index) top))
        {
            if (top.Index < top.List.Count)
            {
                open.Push((top.List, top.Index + 1));
                next = Leaf(top.List[top.Index]);
                return true;
            }

            if (top.List.IsProper)
                continue;
            next = top.List.Tail; // a binary may end a list of characters
            if (next is Binary)
                return true;
            next = Atoms.Undefined; // and nothing else may
            return true;
        }

        next = List.Empty;
        return false;
    }

    private static object Leaf(object element) => element is int or byte or uint or short or ushort ? Term.Normalize(element) : element;

    private static bool TryAppendCharacter(StringBuilder text, long character, bool latin1)
    {
        if (character is < 0 or > 0x10FFFF || (latin1 && character > 255))
            return false;
        if (!Rune.IsValid((int)character))
            return false;
        if (character < 0x10000)
            text.Append((char)character);
        else
            text.Append(new Rune((int)character).ToString());
        return true;
    }

    private static void AppendBinary(StringBuilder text, Binary binary, bool latin1)
    {
        if (!latin1 && binary.TryGetString(out string? utf8))
            text.Append(utf8);
        else
            text.Append(Encoding.Latin1.GetString(binary.Span));
    }
}
