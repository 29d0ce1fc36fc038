using System.Diagnostics;

namespace CloudScale.Rdma.Tests;

/// <summary>The same tests over real devices of a kernel, in a virtual machine: <c>tests/Rdma/README.md</c>.</summary>
[Category("RdmaGuest"), NonParallelizable, CancelAfter(280_000)]
public sealed class GuestTests
{
    [Test]
    public async Task Guest_RealDevices_PassTheSameTests()
    {
        string top = TopOfRepository();
        if (!File.Exists(Path.Combine(top, "artifacts/native/build-release/rdma_device_test")))
            Assert.Ignore("libcloudscale_native is not built: ./build.sh native");
        (int exitCode, string state) = await RunAsync(top, "tests/Rdma/Guest/prepare.sh", "artifacts/rdma");
        if (exitCode == 3)
            Assert.Ignore(state.Trim());
        Assert.That(exitCode, Is.Zero, state);

        (exitCode, string output) = await RunAsync(
            top,
            "tests/Rdma/Guest/boot.sh",
            "artifacts/rdma",
            "--seconds",
            "240",
            "--",
            "tests/Rdma/Guest/checks.sh"
        );
        TestContext.Out.WriteLine(output);
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
