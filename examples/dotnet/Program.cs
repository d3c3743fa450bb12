var app = WebApplication.CreateSlimBuilder(args).Build();
app.MapGet("/", () => $"Hello from .NET {Environment.Version.Major} as {Environment.UserName}\n");
app.MapGet("/sum/{a:int}/{b:int}", (int a, int b) => $"{a + b}\n");
app.Run();
