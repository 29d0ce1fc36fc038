namespace CloudScale;

/// <summary>A .NET type that stands for a term: wherever a term is expected, an instance counts as what <see cref="ToTerm"/> gives.</summary>
/// <remarks>Threads: any; <see cref="ToTerm"/> must give an equal term every time, and may be called often.</remarks>
public interface ITermConvertible
{
    /// <summary>The term this object stands for: one of the types that decoders yield, or an alias that encoders accept.</summary>
    object ToTerm();
}
