using System.Net.WebSockets;
using System.Text;
using System.Text.Json;
using CloudScale.Samples.Chat;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Playwright;

namespace CloudScale.Samples.Tests;

/// <summary>The chat: over sockets, by a browser, and with an Erlang node.</summary>
public sealed class ChatTests
{
    private WebApplication _application = null!;
    private string _url = null!;

    private async Task StartAsync(params string[] arguments)
    {
        _application = ChatProgram.Create(["--urls", "http://127.0.0.1:0", "--Logging:LogLevel:Default=Warning", .. arguments]);
        await _application.StartAsync();
        _url = _application.Urls.Single();
    }

    [TearDown]
    public async Task StopAsync()
    {
        if (_application is not null)
            await _application.DisposeAsync();
    }

    private async Task<ClientWebSocket> EnterAsync(string user)
    {
        ClientWebSocket socket = new();
        await socket.ConnectAsync(new Uri($"{_url.Replace("http", "ws")}/ws?user={user}"), CancellationToken.None);
        return socket;
    }

    private static Task SayAsync(ClientWebSocket socket, string text) =>
        socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, true, CancellationToken.None);

    private static async Task<string> HearAsync(ClientWebSocket socket)
    {
        byte[] buffer = new byte[8192];
        WebSocketReceiveResult result = await socket.ReceiveAsync(buffer, CancellationToken.None).WaitAsync(Eventually.Patience);
        using JsonDocument line = JsonDocument.Parse(buffer.AsMemory(0, result.Count));
        return $"{line.RootElement.GetProperty("user").GetString()}: {line.RootElement.GetProperty("text").GetString()}";
    }

    [Test]
    public async Task Windows_HearEachOther_AndWhoComesLaterHearsWhatWasSaid()
    {
        await StartAsync();
        using ClientWebSocket ada = await EnterAsync("ada");
        await SayAsync(ada, "hello <b>");
        Assert.That(await HearAsync(ada), Is.EqualTo("ada: hello <b>"));
        using ClientWebSocket bob = await EnterAsync("bob");
        Assert.That(await HearAsync(bob), Is.EqualTo("ada: hello <b>"));
        await SayAsync(bob, "hi");
        Assert.That(await HearAsync(ada), Is.EqualTo("bob: hi"));
        using HttpClient http = new();
        Assert.That(await http.GetStringAsync($"{_url}/health"), Is.EqualTo("Healthy"));
        Assert.That(await http.GetStringAsync($"{_url}/history"), Does.Contain("hi"));
    }

    [Test]
    public async Task Window_Closed_ItsProcessIsGone()
    {
        await StartAsync();
        Node node = _application.Services.GetRequiredService<NodeHandle>().Node;
        Newcomers newcomers = new(node.Processes);
        using ClientWebSocket ada = await EnterAsync("ada");
        await Eventually.TrueAsync(() => node.Groups.Members((Atom)"chat").Count == 2, "the room and a window");
        await ada.CloseAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None).WaitAsync(Eventually.Patience);
        await Eventually.TrueAsync(() => node.Groups.Members((Atom)"chat").Count == 1, "the window has left");
        await Eventually.TrueAsync(() => newcomers.Count == 0, "and its process ended");
    }

    [Test]
    public async Task Socket_OfAnotherSitesPage_IsRefused()
    {
        await StartAsync();
        using ClientWebSocket socket = new();
        socket.Options.SetRequestHeader("Origin", "http://elsewhere.test");
        Assert.That(
            async () => await socket.ConnectAsync(new Uri($"{_url.Replace("http", "ws")}/ws?user=eve"), CancellationToken.None),
            Throws.TypeOf<WebSocketException>()
        );
    }

    [Test, Category("OtpNode")]
    public async Task ErlangNode_JoinsTheGroup_SpeaksAndHears()
    {
        await using RealEpmd epmd = await RealEpmd.StartAsync();
        await StartAsync("--CloudScale:Name=chat@127.0.0.1", "--CloudScale:Cookie=chat-cookie", $"--CloudScale:EpmdPort={epmd.Port}");
        await using ErlangNode erlang = await ErlangNode.StartAsync("peer@127.0.0.1", "chat-cookie", epmd.Port);
        await erlang.EvalAsync("{ok, _} = pg:start_link(), pong = net_adm:ping('chat@127.0.0.1'), pg:join(chat, self())");
        await Eventually.TrueAsync(async () => await erlang.EvalAsync("length(pg:get_members(chat)) > 1") == "true", "the groups are one");
        using ClientWebSocket ada = await EnterAsync("ada");
        await Eventually.TrueAsync(
            async () => await erlang.EvalAsync("length(pg:get_members(chat)) > 2") == "true",
            "the window is a member"
        );
        await erlang.EvalAsync("[P ! {chat, <<\"erl\">>, <<\"from Erlang\">>} || P <- pg:get_members(chat), P =/= self()]");
        Assert.That(await HearAsync(ada), Is.EqualTo("erl: from Erlang"));
        await SayAsync(ada, "to Erlang");
        Assert.That(
            await erlang.EvalAsync("receive {chat, U, T} -> {U, T} after 5000 -> nothing end"),
            Is.EqualTo("{<<\"ada\">>,<<\"to Erlang\">>}")
        );
    }

    [Test, Category("Browser")]
    public async Task Page_TwoWindows_TypeAndClick_AndSeeBothLines()
    {
        string? chromium =
            OtpInstallation.Find("chromium") ?? OtpInstallation.Find("chromium-browser") ?? OtpInstallation.Find("google-chrome");
        if (chromium is null)
            Assert.Ignore("No chromium on the path (Debian: chromium).");
        await StartAsync();
        using IPlaywright playwright = await Playwright.CreateAsync();
        await using IBrowser browser = await playwright.Chromium.LaunchAsync(
            new BrowserTypeLaunchOptions { ExecutablePath = chromium, Args = ["--no-sandbox"] }
        );
        IPage ada = await OpenAsync(browser, "ada");
        IPage bob = await OpenAsync(browser, "bob");
        await SayAsync(ada, "Hello, is anybody here?");
        await bob.GetByText("Hello, is anybody here?").WaitForAsync();
        await SayAsync(bob, "I am!");
        await ada.GetByText("I am!").WaitForAsync();
        Assert.That(
            await ada.Locator("#lines li").AllTextContentsAsync(),
            Is.EqualTo((string[])["adaHello, is anybody here?", "bobI am!"])
        );
        string picture = Path.Combine(TestContext.CurrentContext.WorkDirectory, "chat.png");
        await ada.ScreenshotAsync(new PageScreenshotOptions { Path = picture });
        TestContext.AddTestAttachment(picture);
    }

    private async Task<IPage> OpenAsync(IBrowser browser, string user)
    {
        IPage page = await browser.NewPageAsync(
            new BrowserNewPageOptions
            {
                ViewportSize = new ViewportSize { Width = 720, Height = 480 },
            }
        );
        await page.GotoAsync(_url);
        await page.GetByPlaceholder("your name").FillAsync(user);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Enter" }).ClickAsync();
        await page.GetByText($"as {user}").WaitForAsync();
        return page;
    }

    private static async Task SayAsync(IPage page, string text)
    {
        await page.GetByPlaceholder("say something").FillAsync(text);
        await page.GetByRole(AriaRole.Button, new PageGetByRoleOptions { Name = "Say" }).ClickAsync();
    }
}
