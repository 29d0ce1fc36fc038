using System.Runtime.InteropServices;

namespace CloudScale.Scheduling;

/// <summary>Linux' wait on the change of a word: the only wait there that is told its length in less than milliseconds and that another thread can end.</summary>
/// <remarks>Source: futex(2). Threads: any.</remarks>
internal static partial class Futex
{
    private const int WaitPrivate = 0 | 128; // FUTEX_WAIT | FUTEX_PRIVATE_FLAG: the word is seen by this program alone
    private const int WakePrivate = 1 | 128;

    private static readonly nint s_call = RuntimeInformation.ProcessArchitecture switch
    {
        Architecture.X64 => 202,
        Architecture.Arm64 => 98,
        _ => 0,
    };

#if EXPLORATION
    /// <summary>No: an explored thread waits where the others can see it.</summary>
    internal static bool IsAvailable => false;
#else
    /// <summary>Whether this system has it.</summary>
    internal static bool IsAvailable { get; } = Probe();
#endif

    /// <summary>Waits while the word has this value, until <see cref="Wake"/>, for this long, or less: whoever waits looks again.</summary>
    /// <param name="pinned">The word, alone in an array that does not move.</param>
    /// <param name="expected">The value.</param>
    /// <param name="nanoseconds"><see cref="long.MaxValue"/> for any time.</param>
    internal static unsafe void Wait(int[] pinned, int expected, long nanoseconds)
    {
        Timespec length = new(nanoseconds / 1_000_000_000, nanoseconds % 1_000_000_000);
        fixed (int* word = pinned)
            Call(s_call, word, WaitPrivate, expected, nanoseconds == long.MaxValue ? null : &length, null, 0);
    }

    /// <summary>Wakes who waits on the word.</summary>
    internal static unsafe void Wake(int[] pinned)
    {
        fixed (int* word = pinned)
            Call(s_call, word, WakePrivate, 1, null, null, 0);
    }

    private static bool Probe()
    {
        if (!OperatingSystem.IsLinux() || s_call == 0)
            return false;
        try
        {
            unsafe
            {
                int word = 0;
                return Call(s_call, &word, WakePrivate, 1, null, null, 0) == 0;
            }
        }
        catch (Exception e) when (e is DllNotFoundException or EntryPointNotFoundException)
        {
            return false; // a system without a C library of the usual name: it waits by monitors
        }
    }

    [LibraryImport("libc", EntryPoint = "syscall")]
    private static unsafe partial nint Call(nint number, int* word, nint operation, nint value, Timespec* length, int* other, nint third);

    [StructLayout(LayoutKind.Sequential)]
    private readonly record struct Timespec(long Seconds, long Nanoseconds);
}
