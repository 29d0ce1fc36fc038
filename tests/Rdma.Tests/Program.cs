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
        string category = arguments is [var other, ..] ? other : "Rdma";
        string name = arguments is [_, var part] ? part : ".*";
        NUnitTestAssemblyRunner runner = new(new DefaultTestAssemblyBuilder());
        runner.Load(typeof(Program).Assembly, new Dictionary<string, object> { ["NumberOfTestWorkers"] = 0 });
        ITestResult result = runner.Run(
            new Listener(),
            TestFilter.FromXml($"<filter><and><cat>{category}</cat><test re='1'>{name}</test></and></filter>")
        );
        Console.WriteLine(
            $"{category} tests over {RdmaDescription}: {result.PassCount} passed, {result.FailCount} failed, {result.SkipCount} skipped in {result.Duration:0.0} s"
        );
        return result.FailCount == 0 && result.PassCount > 0 ? 0 : 1;
    }

    private static string RdmaDescription => FakeDevice.RealAddress is { } address ? $"the device at {address}" : "the device that is none";

    private sealed class Listener : ITestListener
    {
        public void TestStarted(ITest test) { }

        public void TestFinished(ITestResult result)
        {
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
