using System.Net.WebSockets;
using CloudScale.Scheduling;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace CloudScale.Samples.Chat;

/// <summary>The web application: a page, a WebSocket for each window, health, and telemetry where somebody takes it.</summary>
internal static class ChatProgram
{
    private const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";
    private const int MaxNameLength = 40;

    public static WebApplication Create(string[] arguments)
    {
        WebApplicationBuilder builder = WebApplication.CreateBuilder(arguments);
        builder.AddCloudScale().AddServer<ChatRoom>(ChatRoom.Name).AddHealthChecks();
        // To see a message's way: docker run -p 4317:4317 -p 16686:16686 jaegertracing/all-in-one, and OTEL_EXPORTER_OTLP_ENDPOINT=http://127.0.0.1:4317
        if (builder.Configuration[OtlpEndpoint] is not null)
            builder
                .Services.AddOpenTelemetry()
                .WithTracing(traces => traces.AddSource(CallActivities.SourceName).AddAspNetCoreInstrumentation().AddOtlpExporter())
                .WithMetrics(metrics => metrics.AddMeter("CloudScale.*").AddOtlpExporter());
        WebApplication application = builder.Build();
        application.UseWebSockets(new WebSocketOptions { KeepAliveInterval = TimeSpan.FromSeconds(30) });
        application.MapHealthChecks("/health");
        application.MapGet("/", () => Results.Stream(Page(), "text/html; charset=utf-8"));
        application.MapGet("/history", async (NodeHandle node) => HistoryOf(await node.Node.CallAsync(ChatRoom.Name, ChatRoom.History)));
        application.Map("/ws", (Func<HttpContext, NodeHandle, Task>)ServeAsync);
        return application;
    }

    private static Stream Page() => typeof(ChatProgram).Assembly.GetManifestResourceStream("chat.html")!;

    private static ChatLine[] HistoryOf(object answer) => answer is List lines ? [.. lines.Select(ChatLine.Read).OfType<ChatLine>()] : [];

    /// <summary>A window: its process lives as long as its socket.</summary>
    private static async Task ServeAsync(HttpContext context, NodeHandle node)
    {
        string user = context.Request.Query["user"].ToString();
        if (!context.WebSockets.IsWebSocketRequest || user.Length is 0 or > MaxNameLength || !IsOfThisPage(context))
        {
            context.Response.StatusCode = StatusCodes.Status400BadRequest;
            return;
        }

        using WebSocket socket = await context.WebSockets.AcceptWebSocketAsync();
        await ChatGateway.RunAsync(node.Node, user, socket, context.RequestAborted);
    }

    /// <summary>A browser says which page opened the socket; one of somebody else is not to speak in this user's name.</summary>
    private static bool IsOfThisPage(HttpContext context) =>
        context.Request.Headers.Origin.ToString() is not { Length: > 0 } origin
        || (Uri.TryCreate(origin, UriKind.Absolute, out Uri? page) && page.Authority == context.Request.Host.ToString());
}
