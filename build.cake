// The tasks of the house. Run them through ./build.sh, which installs what they need and passes arguments on.
// Each task states its description on the line of its name: ./build.sh reads them from here for its help.
#nullable enable
using System.Xml.Linq;

const string Solution = "CloudScale.Runtime.sln";
const string Sample = "runtime/samples/Agents/CloudScale.Samples.Agents.csproj";
const string InteropNode = "runtime/samples/InteropNode/CloudScale.Samples.InteropNode.csproj";
const string Macro = "perf/Macro/CloudScale.Perf.Macro.csproj";
const string Codecs = "perf/Codecs/CloudScale.Perf.Codecs.csproj";
const string BenchNodes = "perf/Nodes/CloudScale.Perf.Nodes.csproj";
const string Pressure = "perf/Pressure/CloudScale.Perf.Pressure.csproj";
const string Soak = "tests/Soak/CloudScale.Soak.csproj";
const string Fuzz = "tests/Fuzz/CloudScale.Fuzz.csproj";
const string Trimming = "tests/Trimming/CloudScale.Trimming.csproj";
const string RdmaTests = "tests/Rdma.Tests/CloudScale.Rdma.Tests.csproj";
const string TestResults = "artifacts/test";

var target = Argument("target", "Build");
var rest = (EnvironmentVariable("CLOUDSCALE_ARGUMENTS") ?? "").Split('\n', StringSplitOptions.RemoveEmptyEntries);

Task("Native").Description("Build and check libcloudscale_native, the C shim").Does(() => BuildNative("release"));

Task("Sanitize").Description("Check the C shim under the address and undefined-behaviour sanitizers, and valgrind")
    .IsDependentOn("Native")
    .Does(() =>
    {
        BuildNative("asan-ubsan");
        foreach (var test in GetFiles("artifacts/native/build-release/*_test"))
            if (Context.Tools.Resolve("valgrind") is not null && !test.GetFilename().ToString().Contains("device"))
                Quietly(".", "valgrind", "--quiet", "--leak-check=full", "--error-exitcode=9", test.FullPath);
    });

Task("Rdma").Description("Run the RDMA tests over real devices of the kernel, in a virtual machine; a command after -- instead: -- ibv_devinfo")
    .IsDependentOn("Native")
    .Does(() => Rdma());

Task("RdmaEndurance").Description("Connect, talk, fail and count over the device that is none: -- SECONDS CONNECTIONS (3600 10000)")
    .IsDependentOn("Native")
    .Does(() => RdmaEndurance());

Task("Restore").Description("Fetch the packages the solution needs").Does(() => DotNetRestore(Solution, new DotNetRestoreSettings { Verbosity = DotNetVerbosity.Quiet }));

Task("Build").Description("Build everything, Release")
    .IsDependentOn("Native")
    .IsDependentOn("Restore")
    .Does(() => DotNetBuild(Solution, new DotNetBuildSettings
    {
        Configuration = "Release",
        NoRestore = true,
        NoLogo = true,
        Verbosity = DotNetVerbosity.Quiet,
    }));

Task("Format").Description("Fail on files the formatter would change (dotnet csharpier format . changes them)").Does(() => Run("dotnet", "csharpier", "check", "."));

Task("Test").Description("Build and run every test; the last line counts them").IsDependentOn("Build").Does(() => Test(filter: null));

Task("Interop").Description("Run the tests against a real Erlang node only").IsDependentOn("Build").Does(() => Test("TestCategory=OtpNode"));

Task("OtpGrid").Description("Run the tests against a real Erlang node with later releases, brought from later Debian suites: trixie sid after --; needs root")
    .IsDependentOn("Build")
    .Does(() => OtpGrid());

Task("Cluster").Description("Disturb mixed clusters of Erlang and ours for 50 rounds: --rounds N --seed N after --; network namespaces need root")
    .IsDependentOn("Restore")
    .Does(() => Cluster());

Task("Explore").Description("Try many orders of single steps in the core: --scenario X --schedules 1000000 --seed N after --")
    .IsDependentOn("Restore")
    .Does(() => Explore());

Task("AcceptApi").Description("Take the public surface as it is now into tests/Architecture.Tests/PublicApi")
    .IsDependentOn("Restore")
    .Does(() =>
    {
        Environment.SetEnvironmentVariable("CLOUDSCALE_ACCEPT_API", "1");
        Run("dotnet", "test", "tests/Architecture.Tests", "-c", "Release", "-v", "quiet", "--filter", "TestCategory=PublicApi");
    });

Task("AcceptSnapshots").Description("Take the generated code as it is now into tests/Contracts.Tests/Snapshots")
    .IsDependentOn("Restore")
    .Does(() =>
    {
        Environment.SetEnvironmentVariable("CLOUDSCALE_ACCEPT_SNAPSHOTS", "1");
        Run("dotnet", "test", "tests/Contracts.Tests", "-c", "Release", "-v", "quiet", "--filter", "TestCategory=Snapshots");
    });

Task("Aot").Description("Publish a program of all contracts trimmed and ahead of time, and the interop node trimmed, without a warning, and run them").Does(() => Publish());

Task("Run").Description("Run the sample host; arguments after -- go to it, for example --for 30s")
    .IsDependentOn("Native")
    .Does(() => Execute(Sample));

// ./build.sh runs the program itself, in its own place: nothing stands between it and whoever started it.
Task("InteropNode").Description("Run the node that Erlang, Elixir, C and Java peers can talk to: --name N@H --cookie C after --")
    .Does(() => Run("dotnet", "build", InteropNode, "-c", "Release", "-v", "quiet", "--nologo"));

Task("Bench").Description("Measure every scenario beside its Erlang twin; arguments after --, for example --only ring --runs 5")
    .IsDependentOn("Native")
    .Does(() => Execute(Macro));

Task("Codecs").Description("Measure contracts and dynamic terms beside hand-written code and the BEAM; arguments after --, for example --rounds 9")
    .Does(() => Execute(Codecs));

Task("BenchNodes").Description("Measure two nodes over loopback, ours and the BEAM's in all pairs; arguments after --, for example --only ping")
    .IsDependentOn("Native")
    .Does(() => Execute(BenchNodes));

Task("Pressure").Description("Press on the process core and check what must hold; arguments after --, for example --only million")
    .IsDependentOn("Native")
    .Does(() => Execute(Pressure));

Task("Soak").Description("A random mix of everything a process can do, checked all the while; arguments after --, for example --for 30m")
    .IsDependentOn("Native")
    .Does(() => Execute(Soak));

Task("Fuzz").Description("Random wrong bytes for all that reads bytes from others; arguments after --, for example --for 30m")
    .IsDependentOn("Restore")
    .Does(() => Execute(Fuzz));

Task("FuzzOtp").Description("A million such inputs to our reader of terms and to a real Erlang, which must agree; --otp 5000000 after --")
    .IsDependentOn("Restore")
    .Does(() =>
    {
        rest = ["--otp", "1000000", .. rest];
        Execute(Fuzz);
    });

Task("Pack").Description("Make the NuGet packages in artifacts/packages")
    .IsDependentOn("Build")
    .Does(() => DotNetPack(Solution, new DotNetPackSettings
    {
        Configuration = "Release",
        NoBuild = true,
        OutputDirectory = "artifacts/packages",
        Verbosity = DotNetVerbosity.Quiet,
    }));

Task("Clean").Description("Remove all build output").Does(() =>
{
    CleanDirectories("./{serialization,scheduler,interop,runtime,tests,perf}/**/{bin,obj}");
    CleanDirectory("artifacts");
});

RunTarget(target);

// Runs a program in our terminal; fails the task if it fails. Arguments go through a list, so none needs quoting.
void Run(string program, params string[] arguments)
{
    var start = new System.Diagnostics.ProcessStartInfo(program) { UseShellExecute = false };
    foreach (var argument in arguments)
        start.ArgumentList.Add(argument);
    // Ctrl-C reaches the program too, which ends in its own order; we wait for it.
    ConsoleCancelEventHandler wait = (_, cancel) => cancel.Cancel = true;
    Console.CancelKeyPress += wait;
    using var process = System.Diagnostics.Process.Start(start)!;
    process.WaitForExit();
    Console.CancelKeyPress -= wait;
    if (process.ExitCode != 0)
        throw new CakeException(process.ExitCode, $"{program} {string.Join(' ', arguments)}: exit code {process.ExitCode}");
}

// Builds one program and runs the built file itself, so that no build tool stays between the terminal and it.
void Execute(string project)
{
    if (!FileExists(project))
        throw new CakeException($"{project} does not exist");
    Run("dotnet", "build", project, "-c", "Release", "-v", "quiet", "--nologo");
    var assembly = MakeAbsolute(File(project)).GetFilenameWithoutExtension() + ".dll";
    var output = MakeAbsolute(File(project)).GetDirectory().Combine("bin/Release/net10.0").CombineWithFilePath(assembly);
    Run("dotnet", [output.FullPath, .. rest]);
}

// Warnings are errors, so what is published has none. Native code needs the compiler's packages, and a linker.
void Publish()
{
    foreach (var form in new[] { "trimmed", "aot" })
    {
        var output = MakeAbsolute(Directory($"artifacts/publish/{form}")).FullPath;
        Run("dotnet", "publish", Trimming, "-c", "Release", "--use-current-runtime", "-v", "quiet", "--nologo", $"-p:CloudScalePublish={form}", "-o", output);
        Run($"{output}/CloudScale.Trimming");
    }

    var node = MakeAbsolute(Directory("artifacts/publish/interop-node")).FullPath;
    Run("dotnet", "publish", InteropNode, "-c", "Release", "--use-current-runtime", "--self-contained", "-v", "quiet", "--nologo", "-o", node);
    Run($"{node}/interop-node", "--help");
}

// Hands what was asked for to the cluster tests, and shows what they print.
void Cluster() => Disturb(50, rest);

void Disturb(int rounds, string[] options)
{
    Environment.SetEnvironmentVariable("CLOUDSCALE_CLUSTER_ROUNDS", $"{rounds}");
    for (var i = 0; i < options.Length; i += 2)
    {
        if (options[i] is not ("--rounds" or "--seed") || i + 1 == options.Length)
            throw new CakeException($"cluster takes --rounds COUNT and --seed NUMBER, not '{options[i]}'");
        Environment.SetEnvironmentVariable("CLOUDSCALE_CLUSTER_" + options[i][2..].ToUpperInvariant(), options[i + 1]);
    }

    Run("dotnet", "test", "tests/Cluster.Tests", "-c", "Release", "-v", "quiet", "--nologo", "--logger", "console;verbosity=detailed");
}

// Each suite's Erlang in a folder of its own, then the same tests with it first on the path, and clusters of the distribution's, the suite's, and ours.
void OtpGrid()
{
    string Release() => Capture(".", "erl", ["-noshell", "-eval", "io:format(\"~s\", [erlang:system_info(otp_release)]), halt()."]).Output.Trim();
    var own = Release();
    var report = new List<string> { "| OTP | tests | mixed clusters |", "|---|---|---|" };
    var failed = false;
    foreach (var suite in rest.Length > 0 ? rest : ["trixie", "sid"])
    {
        var folder = MakeAbsolute(Directory($"artifacts/otp/{suite}")).FullPath;
        Run("tests/OtpGrid/fetch-otp.sh", suite, folder);
        var path = EnvironmentVariable("PATH");
        Environment.SetEnvironmentVariable("OTP_GRID_SOURCES", MakeAbsolute(Directory(".")).FullPath);
        Environment.SetEnvironmentVariable("PATH", $"{folder}/bin:{path}");
        var release = Release();
        var tests = Outcome(() => Test("TestCategory=OtpNode&FullyQualifiedName!~MixedCluster&FullyQualifiedName!~RabbitMq"));
        var sum = System.IO.File.ReadAllText($"{TestResults}/summary.txt").Trim();
        Environment.SetEnvironmentVariable("PATH", path);
        // (The broker of the distribution runs with the Erlang that it was built for.)
        // Erlang nodes promise to understand each other over two releases: pg of OTP 25 falls over a message of pg of OTP 29.
        var mixes = int.Parse(release) - int.Parse(own) <= 2;
        Environment.SetEnvironmentVariable("CLOUDSCALE_CLUSTER_ERL", $"{folder}/bin/erl:{(mixes ? "erl" : $"{folder}/bin/erl")}");
        var clusters = Outcome(() => Disturb(8, []));
        Environment.SetEnvironmentVariable("CLOUDSCALE_CLUSTER_ERL", null);
        report.Add($"| {release} ({suite}) | {sum} | with {(mixes ? own : release)} and ours: {clusters ?? "agreed"} |");
        failed |= tests is not null || clusters is not null;
    }

    Console.WriteLine(string.Join('\n', report));
    if (failed)
        throw new CakeException("some tests failed; see above");

    static string? Outcome(Action action)
    {
        try
        {
            action();
            return null;
        }
        catch (CakeException exception)
        {
            return exception.Message;
        }
    }
}

// Hands what was asked for to the exploration tests, and shows what they print.
void Explore()
{
    for (var i = 0; i < rest.Length; i += 2)
    {
        if (rest[i] is not ("--scenario" or "--schedules" or "--seed") || i + 1 == rest.Length)
            throw new CakeException($"explore takes --scenario NAME, --schedules COUNT and --seed NUMBER, not '{rest[i]}'");
        Environment.SetEnvironmentVariable("CLOUDSCALE_EXPLORE_" + rest[i][2..].ToUpperInvariant(), rest[i + 1]);
    }

    Run("dotnet", "test", "tests/Exploration.Tests", "-c", "Release", "-v", "quiet", "--nologo", "--filter", "Name~ManySchedules", "--logger", "console;verbosity=detailed");
}

// The library is optional: without it there is no RDMA and no LZ4, and the managed side says so.
void BuildNative(string preset)
{
    if (Context.Tools.Resolve("cmake") is null || Context.Tools.Resolve("cc") is null)
    {
        Warning("native: no cmake or no C compiler, so libcloudscale_native is not built");
        return;
    }

    Quietly("native", "cmake", "--preset", preset);
    Quietly("native", "cmake", "--build", "--preset", preset);
    Quietly("native", "ctest", "--preset", preset);
}

// What runs inside is built outside: a processor that is emulated is slow at whatever is new to it.
void Rdma()
{
    var (exitCode, state) = Capture(".", "tests/Rdma/Guest/prepare.sh", ["artifacts/rdma"]);
    if (exitCode == 3)
    {
        Warning($"rdma: skipped: {state.Trim()}");
        return;
    }

    if (exitCode != 0)
        throw new CakeException($"tests/Rdma/Guest/prepare.sh: exit code {exitCode}: {state}");
    Information($"rdma: {state.Trim()}");
    Run("dotnet", "build", RdmaTests, "-c", "Release", "-v", "quiet", "--nologo");
    string[] command = rest.Length > 0 ? rest : ["tests/Rdma/Guest/checks.sh"];
    string[] limit = rest.Length > 0 ? ["--seconds", "7200"] : []; // a command that was asked for has an end of its own, an hour of faults among them
    Run("tests/Rdma/Guest/boot.sh", ["artifacts/rdma", "--results", "artifacts/rdma/results", .. limit, "--", .. command]);
}

// In the guest the same: ./build.sh rdma -- dotnet tests/Rdma.Tests/bin/Release/net10.0/CloudScale.Rdma.Tests.dll endurance 600 1000
void RdmaEndurance()
{
    Run("dotnet", "build", RdmaTests, "-c", "Release", "-v", "quiet", "--nologo");
    string[] limits = rest.Length > 0 ? rest : ["3600", "10000"];
    Run("dotnet", ["tests/Rdma.Tests/bin/Release/net10.0/CloudScale.Rdma.Tests.dll", "endurance", .. limits]);
}

// Runs a chatty program in a folder and shows its output only if it fails.
void Quietly(string folder, string program, params string[] arguments)
{
    var (exitCode, output) = Capture(folder, program, arguments);
    if (exitCode == 0)
        return;
    Console.Error.WriteLine(output);
    throw new CakeException($"{program} {string.Join(' ', arguments)} in {folder}/: exit code {exitCode}");
}

(int ExitCode, string Output) Capture(string folder, string program, string[] arguments)
{
    var start = new System.Diagnostics.ProcessStartInfo(program)
    {
        WorkingDirectory = folder,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
    };
    foreach (var argument in arguments)
        start.ArgumentList.Add(argument);
    using var process = System.Diagnostics.Process.Start(start)!;
    var error = process.StandardError.ReadToEndAsync();
    var output = process.StandardOutput.ReadToEnd();
    process.WaitForExit();
    return (process.ExitCode, output + error.Result);
}

// Projects run one after another: tests that watch the clock share the machine with nobody. A host that dies or hangs counts as one failure.
void Test(string? filter)
{
    CleanDirectory(TestResults);
    int passed = 0, failed = 0, skipped = 0;
    foreach (var project in GetFiles("tests/*.Tests/*.csproj").OrderBy(file => file.FullPath))
    {
        var name = project.GetFilenameWithoutExtension().ToString();
        var report = MakeAbsolute(Directory(TestResults)).CombineWithFilePath(name + ".trx").FullPath;
        var arguments = new List<string>
        {
            "test", project.FullPath, "-c", "Release", "--no-build", "--nologo", "-v", "quiet",
            "--logger", $"trx;LogFileName={report}", "--logger", "console;verbosity=minimal",
            "--results-directory", TestResults,
            "--blame-hang-timeout", "5min", "--blame-hang-dump-type", "none",
        };
        if (filter is not null)
            arguments.AddRange(["--filter", filter]);

        var (exitCode, output) = Capture(".", "dotnet", [.. arguments]);
        var results = System.IO.File.Exists(report)
            ? XDocument.Load(report).Descendants().Where(element => element.Name.LocalName == "UnitTestResult").Select(element => (string?)element.Attribute("outcome")).ToList()
            : [];
        var wrong = results.Count(outcome => outcome is "Failed" or "Error" or "Timeout" or "Aborted");
        if (exitCode != 0)
            Console.Error.WriteLine(output);
        if (exitCode != 0 && wrong == 0)
        {
            Error($"{name}: the test host ended badly");
            wrong = 1;
        }

        var right = results.Count(outcome => outcome is "Passed");
        var left = results.Count(outcome => outcome is "NotExecuted" or "Inconclusive");
        Console.WriteLine($"{name}: {Count(right, wrong, left)}");
        passed += right;
        skipped += left;
        failed += wrong;
    }

    var sum = Count(passed, failed, skipped);
    System.IO.File.WriteAllText($"{TestResults}/summary.txt", sum + "\n");
    if (failed > 0)
        throw new CakeException($"{failed} tests failed; reports are in {TestResults}");
    if (passed == 0)
        throw new CakeException("no test ran");
}

string Count(int passed, int failed, int skipped) => $"{passed} passed, {failed} failed" + (skipped > 0 ? $", {skipped} skipped" : "");
