using CloudScale;
using CloudScaleApp;
using Microsoft.Extensions.Hosting;

HostApplicationBuilder builder = Host.CreateApplicationBuilder(args);
builder.AddCloudScale().AddServer<Counter>("counter").AddModule<Greetings>();
await builder.Build().RunAsync();
