using System.Runtime.InteropServices;
using CloudScale.Interop.Native;
using CloudScale.Interop.Rdma;

namespace CloudScale.Rdma.Tests;

/// <summary>The device that is none (<c>native/tests/fake/csn_fake.h</c>), or a real one where <c>RDMA_ADDRESS1</c> names its address.</summary>
internal static partial class FakeDevice
{
    private const string Library = "libibverbs.so.1";

    /// <summary>The address of a real device to be used instead, or null.</summary>
    internal static string? RealAddress { get; } = Environment.GetEnvironmentVariable("RDMA_ADDRESS1");

    private static readonly Lazy<string?> s_absent = new(Load);

    /// <summary>Makes RDMA there for this test, with a seed of its own, or skips it and says why.</summary>
    internal static void Use(int maxDelayMicroseconds = 0)
    {
        if (s_absent.Value is { } reason)
            Assert.Ignore(reason);
        if (RealAddress is not null)
            return;
        int seed = TestContext.CurrentContext.Random.Next();
        TestContext.Out.WriteLine($"seed {seed}");
        csn_fake_reset((ulong)seed, maxDelayMicroseconds);
    }

    /// <summary>Makes RDMA there where no test runs; says why if it is not.</summary>
    internal static string? Reset(int seed)
    {
        if (s_absent.Value is null && RealAddress is null)
            csn_fake_reset((ulong)seed, 0);
        return s_absent.Value;
    }

    /// <summary>For tests that plant faults: skips them over a real device, which has none to order.</summary>
    internal static void UseFakeOnly(int maxDelayMicroseconds = 0)
    {
        if (RealAddress is not null)
            Assert.Ignore("a real device takes no orders");
        Use(maxDelayMicroseconds);
    }

    /// <summary>All that RDMA has left over, in our library and in the device that is none.</summary>
    internal static long Objects
    {
        get
        {
            Verbs.csn_rdma_live(out RdmaObjects live);
            return live.Count + live.RegisteredBytes;
        }
    }

    /// <summary>After a test: what it has made is ended. What an earlier one has left over is that one's failure.</summary>
    internal static Task NoMoreThanAsync(long before) =>
        Eventually.TrueAsync(() => Objects <= before, "all that was registered and made is ended");

    internal static FakeCounts Counts
    {
        get
        {
            csn_fake_count(out FakeCounts counts);
            return counts;
        }
    }

    private static string? Load()
    {
        if (!NativeVersion.IsPresent)
            return NativeVersion.Description;
        if (RealAddress is null)
        {
            string folder = Path.Combine(AppContext.BaseDirectory, "fake");
            if (!File.Exists(Path.Combine(folder, Library)))
                return "the fake RDMA device is not built: ./build.sh native needs the headers of libibverbs and librdmacm";
            // Loaded before anybody asks for the real ones, so the loader gives these to our library.
            NativeLibrary.Load(Path.Combine(folder, Library));
            NativeLibrary.Load(Path.Combine(folder, "librdmacm.so.1"));
        }

        return RdmaSupport.IsAvailable ? null : RdmaSupport.Description;
    }

    [LibraryImport(Library)]
    internal static partial void csn_fake_reset(ulong seed, int delayMicroseconds);

    [LibraryImport(Library, StringMarshalling = StringMarshalling.Utf8)]
    internal static partial void csn_fake_fail_call(string? function, int after, int error);

    [LibraryImport(Library)]
    internal static partial int csn_fake_is_planted();

    [LibraryImport(Library)]
    internal static partial void csn_fake_fail_work(int after, int status);

    [LibraryImport(Library)]
    internal static partial void csn_fake_hold(int held);

    [LibraryImport(Library)]
    internal static partial int csn_fake_step();

    [LibraryImport(Library)]
    internal static partial void csn_fake_cut(int cut);

    [LibraryImport(Library)]
    internal static partial void csn_fake_remove();

    [LibraryImport(Library)]
    private static partial void csn_fake_count(out FakeCounts counts);
}

/// <summary><c>csn_fake_counts</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct FakeCounts
{
    public int Requests;
    public int ReceiverNotReady;
    public int Reordered;
    public int Overruns;
    public int Notifications;
    public int Objects;
}
