using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Microsoft.Win32.SafeHandles;

namespace CloudScale.Interop.Transport;

/// <summary>Linux' set of descriptors that are waited for together.</summary>
/// <remarks>Source: epoll(7). Threads: any.</remarks>
internal static partial class Epoll
{
    /// <summary>Most that one look tells.</summary>
    internal const int MaxReady = 16;

    private const int CloseOnExecute = 0x80000; // EPOLL_CLOEXEC

    // struct epoll_event is packed on x86-64 and nowhere else
    private static readonly int s_eventBytes = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int s_dataOffset = s_eventBytes - sizeof(long);

    private enum Operation
    {
        Add = 1, // EPOLL_CTL_ADD
        Remove = 2, // EPOLL_CTL_DEL
        Change = 3, // EPOLL_CTL_MOD
    }

    /// <summary>What a descriptor may become that counts.</summary>
    [Flags]
    internal enum Interest : uint
    {
        None = 0,
        Readable = 1, // EPOLLIN
        Writable = 4, // EPOLLOUT
    }

    /// <summary>A new set; false where the system has none.</summary>
    internal static bool TryMake([NotNullWhen(true)] out SafeFileHandle? set)
    {
        set = null;
        if (!OperatingSystem.IsLinux())
            return false;
        try
        {
            set = Create(CloseOnExecute);
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false; // a system without a C library of the usual name
        }

        if (!set.IsInvalid)
            return true;
        set.Dispose();
        set = null;
        return false;
    }

    /// <summary>
    /// Sets what a descriptor counts for, under this number. One that counts for nothing leaves the set: while it is there it would count when it is reset.
    /// </summary>
    internal static bool TrySet(SafeFileHandle set, SafeHandle descriptor, int number, Interest before, Interest now)
    {
        if (before == now)
            return true;
        Operation operation =
            now == Interest.None ? Operation.Remove
            : before == Interest.None ? Operation.Add
            : Operation.Change;
        return Control(set, operation, descriptor, (uint)now, number);
    }

    /// <summary>The numbers of those that are ready, at most <see cref="MaxReady"/>.</summary>
    /// <param name="set">The set.</param>
    /// <param name="ready">Takes the numbers.</param>
    /// <param name="milliseconds">How long to wait for the first; 0 for not at all, -1 for ever. May end early.</param>
    internal static unsafe int Wait(SafeFileHandle set, Span<int> ready, int milliseconds)
    {
        byte* events = stackalloc byte[MaxReady * 16];
        int count = Math.Max(0, WaitFor(set, events, Math.Min(ready.Length, MaxReady), milliseconds)); // interrupted: nothing
        for (int i = 0; i < count; i++)
            ready[i] = (int)Unsafe.ReadUnaligned<long>(events + (i * s_eventBytes) + s_dataOffset);
        return count;
    }

    private static unsafe bool Control(SafeFileHandle set, Operation operation, SafeHandle descriptor, uint events, long number)
    {
        byte* description = stackalloc byte[16];
        Unsafe.WriteUnaligned(description, events);
        Unsafe.WriteUnaligned(description + s_dataOffset, number);
        return Control(set, (int)operation, descriptor, description) == 0;
    }

    [LibraryImport("libc", EntryPoint = "epoll_create1")]
    private static partial SafeFileHandle Create(int flags);

    [LibraryImport("libc", EntryPoint = "epoll_ctl")]
    private static unsafe partial int Control(SafeFileHandle set, int operation, SafeHandle descriptor, byte* description);

    [LibraryImport("libc", EntryPoint = "epoll_wait")]
    private static unsafe partial int WaitFor(SafeFileHandle set, byte* events, int count, int milliseconds);
}
