namespace CloudScale.Interop.Transport;

/// <summary>A connection that sends bytes from where they lie, several places in one go.</summary>
internal interface IGatheringConnection
{
    /// <summary>Writes past <see cref="System.IO.Pipelines.IDuplexPipe.Output"/>, in which nothing may be left over. The bytes must stay as they are until it completes.</summary>
    /// <exception cref="IOException">The connection is broken.</exception>
    ValueTask WriteAsync(Parts parts);
}
