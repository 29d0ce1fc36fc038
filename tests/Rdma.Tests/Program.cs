using NUnit.Framework.Api;
using NUnit.Framework.Interfaces;
using NUnit.Framework.Internal;

namespace CloudScale.Rdma.Tests;

/// <summary>Runs the tests of category Rdma, or <c>CATEGORY [PATTERN]</c>, in this process: for the guest, whose emulated processor takes long to start a test platform.</summary>
internal static class Program
{
    private static async Task<int> Main(string[] arguments)
    {
        if (arguments is ["echo"])
            return await RealDeviceTests.EchoOneAsync();
        if (arguments is ["endurance", .. var limits])
            return await EndureAsync(limits);
        string category = arguments is [var other, ..] ? other : "Rdma";
        string name = arguments is [_, var part] ? part : ".*";
        using TestWatchdog watchdog = new(TimeSpan.FromSeconds(90));
        NUnitTestAssemblyRunner runner = new(new DefaultTestAssemblyBuilder());
        runner.Load(typeof(Program).Assembly, new Dictionary<string, object> { ["NumberOfTestWorkers"] = 0 });
        ITestResult result = runner.Run(
            new Listener(watchdog),
            TestFilter.FromXml($"<filter><and><cat>{category}</cat><test re='1'>{name}</test></and></filter>")
        );
        Console.WriteLine(
            $"{category} tests over {RdmaDescription}: {result.PassCount} passed, {result.FailCount} failed, {result.SkipCount} skipped in {result.Duration:0.0} s"
        );
        return result.FailCount == 0 && result.PassCount > 0 ? 0 : 1;
    }

    /// <summary>SECONDS, and at least so many CONNECTIONS; what RDMA there is decides over which device.</summary>
    private static async Task<int> EndureAsync(string[] limits)
    {
        TimeSpan duration = TimeSpan.FromSeconds(limits is [var seconds, ..] ? int.Parse(seconds) : 60);
        int connections = limits is [_, var count] ? int.Parse(count) : 10_000;
        if (FakeDevice.Reset(0) is { } absent)
        {
            Console.WriteLine(absent);
            return 3;
        }

        int seed = Random.Shared.Next(1 << 30);
        Console.WriteLine($"over {RdmaDescription}, seed {seed}");
        using (new TestExecutionContext.IsolatedContext())
            Console.WriteLine(await new Endurance(seed, duration, connections).RunAsync());
        return 0;
    }

    private static string RdmaDescription => FakeDevice.RealAddress is { } address ? $"the device at {address}" : "the device that is none";

    private sealed class Listener(TestWatchdog watchdog) : ITestListener
    {
        public void TestStarted(ITest test)
        {
            if (!test.IsSuite)
                watchdog.Begin(test.FullName);
        }

        public void TestFinished(ITestResult result)
        {
            if (!result.Test.IsSuite)
                watchdog.End();
            if (result.Test.IsSuite || result.ResultState.Status is TestStatus.Skipped)
                return;
            if (result.ResultState.Status is TestStatus.Passed)
            {
                Console.WriteLine($"{result.Duration, 6:0.00} s {result.FullName}");
                return;
            }

            Console.WriteLine($"{result.ResultState.Status}: {result.FullName}\n{result.Message}\n{result.StackTrace}\n{result.Output}");
        }

        public void TestOutput(TestOutput output) { }

        public void SendMessage(TestMessage message) { }
    }
}
