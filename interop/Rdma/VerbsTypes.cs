using System.Diagnostics.CodeAnalysis;
using System.Net;
using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace CloudScale.Interop.Rdma;

// The structures of native/include/cloudscale_native.h. Their sizes are asserted there, and here by VerbsTests.

/// <summary>RDMA objects that exist in this operating-system process: <c>csn_live</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RdmaObjects
{
    public long Devices;
    public long ProtectionDomains;
    public long MemoryRegions;
    public long RegisteredBytes;
    public long CompletionQueues;
    public long SharedReceiveQueues;
    public long EventQueues;
    public long Ids;
    public long QueuePairs;

    public readonly long Count =>
        Devices + ProtectionDomains + MemoryRegions + CompletionQueues + SharedReceiveQueues + EventQueues + Ids + QueuePairs;
}

/// <summary><c>csn_device_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct DeviceInfo
{
    public fixed byte Name[64];
    public ulong Guid;
    public ulong MaxRegionBytes;
    public int Ports;
    public int MaxQueuePairs;
    public int MaxQueuePairDepth;
    public int MaxSges;
    public int MaxCompletionQueues;
    public int MaxCompletionQueueCapacity;
    public int MaxMemoryRegions;
    public int MaxSharedReceiveQueues;
    public int MaxSharedReceiveQueueDepth;
    public int MaxReads;
    public int MaxReadsInitiated;
    public int Atomics;
}

/// <summary><c>csn_mr_info</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MemoryRegionInfo
{
    public ulong Address;
    public ulong Length;
    public uint LocalKey;
    public uint RemoteKey;
}

/// <summary><c>CSN_ACCESS_…</c>.</summary>
[Flags]
internal enum MemoryAccess : uint
{
    None = 0,
    LocalWrite = 1,
    RemoteWrite = 2,
    RemoteRead = 4,
    RemoteAtomic = 8,
}

/// <summary><c>CSN_WC_…</c>: how a work request ended.</summary>
internal enum CompletionStatus
{
    Success = 0,
    LocalLength = 1,
    LocalQueuePair = 2,
    LocalProtection = 4,
    Flushed = 5,
    RemoteInvalid = 9,
    RemoteAccess = 10,
    RemoteOperation = 11,
    RetryExceeded = 12,
    ReceiverNotReady = 13,
}

/// <summary><c>csn_wc</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct WorkCompletion
{
    public ulong Id;
    public CompletionStatus Status;
    public int Opcode;
    public uint LengthBytes;
    public uint Immediate;
    public uint HasImmediate;
    public uint QueuePairNumber;
    public uint VendorError;
    private readonly uint _reserved;
}

/// <summary><c>CSN_CM_…</c>.</summary>
internal enum ConnectionEventKind
{
    Address = 0,
    AddressError = 1,
    Route = 2,
    RouteError = 3,
    Request = 4,
    ConnectError = 6,
    Unreachable = 7,
    Rejected = 8,
    Established = 9,
    Disconnected = 10,
    DeviceRemoved = 11,
}

/// <summary><c>csn_cm_event</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ConnectionEvent
{
    public const int MaxDataBytes = 64;

    public nint Id;
    public ulong Tag;
    public ConnectionEventKind Kind;
    public int Status;
    public int DataBytes;
    public byte MaxReads;
    private fixed byte _reserved[3];
    private fixed byte _data[MaxDataBytes];

    [UnscopedRef]
    public ReadOnlySpan<byte> Data => MemoryMarshal.CreateReadOnlySpan(ref _data[0], Math.Clamp(DataBytes, 0, MaxDataBytes));
}

/// <summary><c>csn_cm_parameters</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct ConnectionParameters
{
    public byte* Data;
    public byte DataBytes;
    public byte MaxReads;
    public byte MaxReadsInitiated;
    public byte Retries;
    public byte ReceiverNotReadyRetries;
    private fixed byte _reserved[3];
}

/// <summary><c>csn_address</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct RdmaAddress
{
    private ushort _family;
    private ushort _port;
    private uint _scope;
    private fixed byte _bytes[16];

    public static RdmaAddress Of(IPEndPoint endPoint)
    {
        RdmaAddress address = new() { _family = endPoint.AddressFamily == AddressFamily.InterNetworkV6 ? (ushort)6 : (ushort)4 };
        address._port = (ushort)endPoint.Port;
        address._scope = address._family == 6 ? (uint)endPoint.Address.ScopeId : 0;
        endPoint.Address.TryWriteBytes(new Span<byte>(address._bytes, 16), out _);
        return address;
    }

    public readonly IPEndPoint? ToEndPoint()
    {
        fixed (byte* bytes = _bytes)
            return _family switch
            {
                4 => new IPEndPoint(new IPAddress(new ReadOnlySpan<byte>(bytes, 4)), _port),
                6 => new IPEndPoint(new IPAddress(new ReadOnlySpan<byte>(bytes, 16), _scope), _port),
                _ => null,
            };
    }
}

/// <summary><c>csn_qp_limits</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct QueuePairLimits
{
    public uint Sends;
    public uint Receives;
    public uint SendSges;
    public uint ReceiveSges;
    public uint InlineBytes;
}

/// <summary><c>csn_sge</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct LocalBytes
{
    public ulong Address;
    public uint LengthBytes;
    public uint LocalKey;
}

/// <summary><c>CSN_WR_…</c>, the opcodes.</summary>
internal enum WorkOperation : uint
{
    Write = 0,
    WriteImmediate = 1,
    Send = 2,
    SendImmediate = 3,
    Read = 4,
    CompareSwap = 5,
    FetchAdd = 6,
}

/// <summary><c>CSN_WR_…</c>, the flags.</summary>
[Flags]
internal enum WorkFlags : uint
{
    None = 0,
    Fence = 1,
    Signaled = 2,
    Solicited = 4,
    Inline = 8,
}

/// <summary><c>csn_wr</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct WorkRequest
{
    public ulong Id;
    public LocalBytes Local;
    public LocalBytes* List;
    public uint ListCount;
    public WorkOperation Operation;
    public WorkFlags Flags;
    public uint Immediate;
    public ulong RemoteAddress;
    public ulong Add;
    public ulong Swap;
    public uint RemoteKey;
    private readonly uint _reserved;
}

/// <summary><c>csn_receive</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct ReceiveRequest
{
    public ulong Id;
    public LocalBytes Local;
}
