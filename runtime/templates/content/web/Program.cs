using CloudScale;
using CloudScaleApp;

WebApplicationBuilder builder = WebApplication.CreateBuilder(args);
builder.AddCloudScale().AddServer<Counter>("counter").AddModule<Greetings>().AddHealthChecks();

WebApplication app = builder.Build();
app.MapGet("/counter", async (NodeHandle node) => (long)await node.Node.CallAsync("counter", (Atom)"get"));
app.MapPost(
    "/counter/{amount:long}",
    async (long amount, NodeHandle node) => (long)await node.Node.CallAsync("counter", CloudScale.Tuple.Of((Atom)"add", amount))
);
app.MapHealthChecks("/health");
await app.RunAsync();
