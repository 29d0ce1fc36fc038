namespace CloudScale.Tool.Terms;

/// <summary>A text is no term.</summary>
/// <param name="message">Why.</param>
/// <param name="position">Where in the text, from 0.</param>
internal sealed class TermSyntaxException(string message, int position) : Exception(message)
{
    public int Position { get; } = position;
}
