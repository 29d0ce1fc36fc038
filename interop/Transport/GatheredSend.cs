using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CloudScale.Interop.Transport;

/// <summary>Linux' send of bytes that lie in several places, in one call; it takes what there is room for, where a <see cref="Socket"/> asks again until there is none.</summary>
/// <remarks>Source: sendmsg(2). Threads: one at a time for each socket.</remarks>
internal static partial class GatheredSend
{
    private const int DoNotWait = 0x40; // MSG_DONTWAIT
    private const int NoSignal = 0x4000; // MSG_NOSIGNAL
    private const int More = 0x8000; // MSG_MORE
    private const int Interrupted = 4; // EINTR
    private const int WouldBlock = 11; // EAGAIN
    private const int BrokenPipe = 32; // EPIPE

    internal static readonly bool IsAvailable = OperatingSystem.IsLinux();

    /// <summary>How many bytes were taken; 0 while there is no room.</summary>
    /// <exception cref="SocketException">The connection is broken.</exception>
    /// <exception cref="ObjectDisposedException">The socket is.</exception>
    internal static unsafe int Send(SafeSocketHandle socket, in Parts parts)
    {
        fixed (byte* first = parts.First.Span)
        fixed (byte* second = parts.Second.Span)
        fixed (byte* third = parts.Third.Span)
        {
            Vector* vectors = stackalloc Vector[3];
            int count = 0;
            if (parts.First.Length > 0)
                vectors[count++] = new Vector(first, parts.First.Length);
            if (parts.Second.Length > 0)
                vectors[count++] = new Vector(second, parts.Second.Length);
            if (parts.Third.Length > 0)
                vectors[count++] = new Vector(third, parts.Third.Length);
            if (count == 0)
                return 0;
            Header header = new() { Vectors = vectors, Count = (nuint)count };
            int flags = DoNotWait | NoSignal | (parts.More ? More : 0);
            while (true)
            {
                nint sent = Send(socket, &header, flags);
                if (sent >= 0)
                    return (int)sent;
                switch (Marshal.GetLastPInvokeError())
                {
                    case Interrupted:
                        continue;
                    case WouldBlock:
                        return 0;
                    case BrokenPipe:
                        throw new SocketException((int)SocketError.Shutdown);
                    default:
                        throw new SocketException((int)SocketError.ConnectionReset, Marshal.GetLastPInvokeErrorMessage());
                }
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "sendmsg", SetLastError = true)]
    private static unsafe partial nint Send(SafeSocketHandle socket, Header* header, int flags);

    /// <summary>One place (<c>struct iovec</c>).</summary>
    [StructLayout(LayoutKind.Sequential)]
    private readonly unsafe struct Vector(byte* start, int bytes)
    {
        private readonly byte* _start = start;
        private readonly nuint _bytes = (nuint)bytes;
    }

    /// <summary>What is sent (<c>struct msghdr</c>); the lengths are words of the machine or, in some C libraries, the lower half of one beside a gap.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private unsafe struct Header
    {
        internal void* Name;
        internal nuint NameBytes;
        internal Vector* Vectors;
        internal nuint Count;
        internal void* Control;
        internal nuint ControlBytes;
        internal nint Flags;
    }
}
