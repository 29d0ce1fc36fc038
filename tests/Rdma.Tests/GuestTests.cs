using System.Diagnostics;

namespace CloudScale.Rdma.Tests;

/// <summary>The transport contract over real devices of a kernel, in a virtual machine: <c>tests/Rdma/README.md</c>. All the other tests: <c>./build.sh rdma</c>.</summary>
[Category("RdmaGuest"), NonParallelizable, CancelAfter(200_000)]
public sealed class GuestTests
{
    private const int NoVirtualMachine = 3;
    private const int TimeWasUp = 124;

    [Test]
    public async Task Guest_RealDevices_KeepTheContract()
    {
        string top = TopOfRepository();
        if (!File.Exists(Path.Combine(top, "artifacts/native/build-release/rdma_device_test")))
            Assert.Ignore("libcloudscale_native is not built: ./build.sh native");
        (int exitCode, string state) = await RunAsync(top, "tests/Rdma/Guest/prepare.sh", "artifacts/rdma");
        if (exitCode == NoVirtualMachine)
            Assert.Ignore(state.Trim());
        Assert.That(exitCode, Is.Zero, state);

        (exitCode, string output) = await RunAsync(
            top,
            "tests/Rdma/Guest/boot.sh",
            "artifacts/rdma",
            "--seconds",
            "150",
            "--",
            "tests/Rdma/Guest/checks.sh",
            @"\.RdmaTransportTests\."
        );
        TestContext.Out.WriteLine(output);
        if (exitCode == TimeWasUp)
            Assert.Ignore("the virtual machine, emulated beside other work, did not get through in 150 s: ./build.sh rdma");
        Assert.That(exitCode, Is.Zero, output);
        Assert.That(output, Does.Contain("the shim over a real device: passed").And.Contain("Rdma tests over the device at 10.77.0.2"));
    }

    private static string TopOfRepository()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CloudScale.Runtime.sln")))
            folder = folder.Parent;
        return folder?.FullName ?? throw new InvalidOperationException($"no repository above {AppContext.BaseDirectory}");
    }

    private static async Task<(int ExitCode, string Output)> RunAsync(string folder, string program, params string[] arguments)
    {
        ProcessStartInfo start = new(Path.Combine(folder, program), arguments)
        {
            WorkingDirectory = folder,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start)!;
        Task<string> error = process.StandardError.ReadToEndAsync();
        string output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output + await error);
    }
}
