using System.IO.Pipelines;

namespace CloudScale.Interop.Transport;

/// <summary>A reader that shows what has come to whoever waits for it where it was found, so that nothing has to be woken, and no read be begun anew, for what can be dealt with at once.</summary>
internal interface IOfferingReader
{
    /// <summary>A read that completes only with what <paramref name="taker"/> has not taken. It is offered what comes while the read waits.</summary>
    ValueTask<ReadResult> ReadAsync(IInputTaker taker);
}

/// <summary>Takes what comes without a read having to complete.</summary>
internal interface IInputTaker
{
    /// <summary>On the thread that has found it, while the read waits: never at the same time as its reader, or as another call.</summary>
    /// <param name="bytes">All that has come and was not taken; valid until it returns.</param>
    /// <param name="taken">How many of them are done with.</param>
    /// <returns>Whether the read goes on waiting; else it completes with the rest, even if that is nothing.</returns>
    bool TryTake(ReadOnlySpan<byte> bytes, out int taken);
}
