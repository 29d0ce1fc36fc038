using CloudScale.Serialization.Etf;

namespace CloudScale.Serialization.Contracts;

/// <summary>The way from a contract to a dynamic term and back: bytes in a pooled buffer, and the identities that went into them.</summary>
/// <remarks>Owner: who took it, until it is disposed. Each thread keeps one; a conversion inside a conversion makes its own.</remarks>
internal sealed class ContractConversion : IDisposable
{
    [ThreadStatic]
    private static ContractConversion? t_spare;

    private readonly PooledBuffer _buffer = new(0);
    private readonly EtfDecodeContext _context = new(EtfLimits.Trusted);
    private readonly EtfEncodeOptions _options;

    private ContractConversion() => _options = new EtfEncodeOptions { Identities = _context };

    public EtfWriter Writer => new(_buffer, _options);

    public EtfReader Reader => new(_buffer.Written, _context);

    public static ContractConversion Take()
    {
        ContractConversion conversion = t_spare ?? new ContractConversion();
        t_spare = null;
        return conversion;
    }

    public void Dispose()
    {
        _context.Forget();
        _buffer.Dispose(); // gives its memory back, and rents anew when written to
        t_spare = this;
    }
}
