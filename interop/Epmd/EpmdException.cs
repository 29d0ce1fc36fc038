namespace CloudScale.Interop.Epmd;

/// <summary>What went wrong with epmd.</summary>
public enum EpmdError
{
    /// <summary>No daemon answers at the address.</summary>
    Unreachable,

    /// <summary>A living node of this name is registered already.</summary>
    NameTaken,

    /// <summary>The daemon answered with bytes that are not the protocol's, or hung up in the middle of an answer.</summary>
    BadAnswer,
}

/// <summary>A request to epmd failed; the message says what to do about it.</summary>
public sealed class EpmdException : IOException
{
    /// <summary>Makes the exception.</summary>
    public EpmdException(EpmdError error, string message, Exception? innerException = null)
        : base(message, innerException) => Error = error;

    /// <summary>The kind of failure.</summary>
    public EpmdError Error { get; }
}
