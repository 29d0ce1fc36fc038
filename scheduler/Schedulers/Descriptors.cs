using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CloudScale.Scheduling;

/// <summary>Linux' wait on several descriptors, and a descriptor that another thread can make readable.</summary>
/// <remarks>Source: ppoll(2), eventfd(2). Threads: any.</remarks>
internal static partial class Descriptors
{
    private const short Readable = 1; // POLLIN
    private const int NonBlocking = 0x800; // EFD_NONBLOCK, the same on x86-64 and ARM64
    private const int CloseOnExecute = 0x80000; // EFD_CLOEXEC

    /// <summary>A descriptor for <see cref="Signal"/>; false where the system has none.</summary>
    internal static bool TryMakeEvent([NotNullWhen(true)] out SafeFileHandle? handle)
    {
        handle = null;
        if (!Futex.IsAvailable) // Linux, and not an explored system
            return false;
        handle = MakeEvent(0, NonBlocking | CloseOnExecute);
        if (!handle.IsInvalid)
            return true;
        handle.Dispose();
        handle = null;
        return false;
    }

    /// <summary>Makes an event readable.</summary>
    internal static unsafe void Signal(SafeFileHandle handle)
    {
        ulong one = 1;
        Write(handle, &one, sizeof(ulong));
    }

    /// <summary>Makes it unreadable again.</summary>
    internal static unsafe void Clear(SafeFileHandle handle)
    {
        ulong count;
        Read(handle, &count, sizeof(ulong));
    }

    /// <summary>Sleeps until one is readable, or for this long; may end early, as when a signal of the system comes.</summary>
    /// <param name="entries">What is waited for; changed to what has come of it.</param>
    /// <param name="nanoseconds"><see cref="long.MaxValue"/> for any time.</param>
    internal static unsafe void Wait(Span<Entry> entries, long nanoseconds)
    {
        Timespec length = new(nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        fixed (Entry* first = entries)
            _ = Poll(first, (nuint)entries.Length, nanoseconds == long.MaxValue ? null : &length, null);
    }

    [LibraryImport("libc", EntryPoint = "eventfd")]
    private static partial SafeFileHandle MakeEvent(uint count, int flags);

    [LibraryImport("libc", EntryPoint = "write")]
    private static unsafe partial nint Write(SafeFileHandle handle, ulong* value, nint bytes);

    [LibraryImport("libc", EntryPoint = "read")]
    private static unsafe partial nint Read(SafeFileHandle handle, ulong* value, nint bytes);

    [LibraryImport("libc", EntryPoint = "ppoll")]
    private static unsafe partial int Poll(Entry* entries, nuint count, Timespec* length, void* signals);

    /// <summary>One descriptor of a wait (<c>struct pollfd</c>).</summary>
    [StructLayout(LayoutKind.Sequential)]
    internal struct Entry(int descriptor)
    {
        private readonly int _descriptor = descriptor;
        private readonly short _events = Readable;
        private short _found;

        /// <summary>Whether a wait ended because of it, be it that it is broken.</summary>
        internal readonly bool IsReady => _found != 0;
    }

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Timespec(long Seconds, long Nanoseconds);
}
