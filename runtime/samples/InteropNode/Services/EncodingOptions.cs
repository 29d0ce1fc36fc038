using CloudScale.Serialization.Etf;

namespace CloudScale.Samples.InteropNode.Services;

/// <summary>The options of <c>term_to_binary/2</c>.</summary>
internal static class EncodingOptions
{
    private const int DefaultLevel = 6; // as zlib's

    /// <returns>Null if one of them is none.</returns>
    internal static EtfEncodeOptions? TryFrom(List options)
    {
        int level = 0;
        int minorVersion = EtfEncodeOptions.Default.MinorVersion;
        bool isDeterministic = false;
        foreach (object option in options)
        {
            switch (option)
            {
                case Atom { Name: "compressed" }:
                    level = DefaultLevel;
                    break;
                case Tuple and [Atom { Name: "compressed" }, long and >= 0 and <= 9 and var chosen]:
                    level = (int)chosen;
                    break;
                case Tuple and [Atom { Name: "minor_version" }, long and >= 0 and <= 2 and var version]:
                    minorVersion = (int)version;
                    break;
                case Atom { Name: "deterministic" }:
                    isDeterministic = true;
                    break;
                default:
                    return null;
            }
        }

        return new EtfEncodeOptions
        {
            CompressionLevel = level,
            MinorVersion = minorVersion,
            Deterministic = isDeterministic,
        };
    }
}
