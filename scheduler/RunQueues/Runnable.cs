using System.Runtime.CompilerServices;

namespace CloudScale.Scheduling;

/// <summary>What stands in a run queue: a process; or the message that has just woken one, with <see cref="Envelope.Next"/> leading to the process.</summary>
/// <remarks>
/// A message is young and a process mostly old. To store the one in the other marks the process for the next collection, which then visits every process that was sent to
/// since the last: with a million of them that was all a pause consisted of. So a message that wakes a process travels beside it, through the run queue to the receive that
/// waits for it, and the process never refers to it. Where that receive wants another, or the way is not this one, it joins the mailbox as every other does.
/// Owner: whoever took it out of a queue owns the process.
/// </remarks>
internal static class Runnable
{
    /// <summary>A process with the message that wakes it; the caller owns both.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static object Of(Process process, Envelope message)
    {
        message.Next = Unsafe.As<Envelope>(process); // only ever read back by Split
        return message;
    }

    /// <summary>The process, and its message if there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static Process Split(object runnable, out Envelope? message)
    {
        if (runnable.GetType() != typeof(Envelope))
        {
            message = null;
            return Unsafe.As<Process>(runnable);
        }

        message = Unsafe.As<Envelope>(runnable);
        Process process = Unsafe.As<Process>(message.Next!);
        message.Next = null;
        return process;
    }
}
