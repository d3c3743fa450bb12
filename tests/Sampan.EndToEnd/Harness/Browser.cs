using System.Diagnostics;
using System.Net.WebSockets;
using System.Text;
using System.Text.Json;

namespace Sampan.EndToEnd.Harness;

/// <summary>
/// Debian's chromium without a window, led by its <see href="https://chromedevtools.github.io/devtools-protocol/">DevTools protocol</see>.
/// Used by one test at a time.
/// </summary>
internal sealed class Browser : IAsyncDisposable
{
    private readonly Scratch _profile = new();
    private readonly ClientWebSocket _line = new();
    private readonly Process _process;
    private int _numbers;
    private string? _session;

    private Browser(string program)
    {
        // As root it has no sandbox of its own, and /dev/shm is small in containers.
        _process = Shell.Start(program, ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run", "--no-proxy-server", "--remote-debugging-port=0", $"--user-data-dir={_profile.Path}", "about:blank"]);
        _process.StandardInput.Close();
        _process.OutputDataReceived += (_, _) => { };
        _process.ErrorDataReceived += (_, _) => { };
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Opens a page; the test is skipped where there is no chromium.</summary>
    public static async Task<Browser> OpenAsync(string url)
    {
        var program = Shell.Find("chromium");
        if (program is null)
            Assert.Skip("chromium is not installed: scripts/setup apps");
        var browser = new Browser(program);
        try
        {
            // Its port and its path are two lines of a file that it writes when it listens.
            var told = Path.Combine(browser._profile.Path, "DevToolsActivePort");
            string[] lines = [];
            await Eventually.HoldsAsync("chromium listens", async () => File.Exists(told) && (lines = await File.ReadAllLinesAsync(told)).Length >= 2);
            using var patience = new CancellationTokenSource(Shell.Patience);
            await browser._line.ConnectAsync(new Uri($"ws://127.0.0.1:{lines[0]}{lines[1]}"), patience.Token);
            var target = (await browser.CallAsync("Target.createTarget", $$"""{"url":{{Quote(url)}}}""")).GetProperty("targetId").GetString();
            browser._session = (await browser.CallAsync("Target.attachToTarget", $$"""{"targetId":"{{target}}","flatten":true}""")).GetProperty("sessionId").GetString();
            return browser;
        }
        catch
        {
            await browser.DisposeAsync();
            throw;
        }
    }

    /// <summary>Evaluates an expression on the page and returns what it is as text.</summary>
    public async Task<string> EvaluateAsync(string expression)
    {
        var answer = await CallAsync("Runtime.evaluate", $$"""{"expression":{{Quote(expression)}},"awaitPromise":true,"returnByValue":true}""");
        answer.TryGetProperty("exceptionDetails", out var failure).ShouldBeFalse($"{expression}: {failure}");
        return answer.GetProperty("result").TryGetProperty("value", out var value) ? value.ToString() : "";
    }

    /// <summary>Types into what has the focus, as a keyboard does.</summary>
    public Task TypeAsync(string text) => CallAsync("Input.insertText", $$"""{"text":{{Quote(text)}}}""");

    /// <summary>Clicks in the middle of the first element that a selector finds, as a mouse does.</summary>
    public async Task ClickAsync(string selector)
    {
        var place = (await EvaluateAsync($"(b => `${{b.x + b.width / 2}} ${{b.y + b.height / 2}}`)(document.querySelector({Quote(selector)}).getBoundingClientRect())")).Split(' ');
        foreach (var kind in new[] { "mousePressed", "mouseReleased" })
            await CallAsync("Input.dispatchMouseEvent", $$"""{"type":"{{kind}}","x":{{place[0]}},"y":{{place[1]}},"button":"left","clickCount":1}""");
    }

    public async ValueTask DisposeAsync()
    {
        _line.Dispose();
        if (!_process.HasExited)
            _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        // Its helpers write a little longer.
        await Eventually.HoldsAsync("chromium's profile is gone", () =>
        {
            try
            {
                _profile.Dispose();
                return true;
            }
            catch (IOException)
            {
                return false;
            }
        });
    }

    private async Task<JsonElement> CallAsync(string method, string parameters)
    {
        var number = ++_numbers;
        var session = _session is null ? "" : $",\"sessionId\":\"{_session}\"";
        using var patience = new CancellationTokenSource(Shell.Patience);
        await _line.SendAsync(Encoding.UTF8.GetBytes($"{{\"id\":{number},\"method\":\"{method}\",\"params\":{parameters}{session}}}"), WebSocketMessageType.Text, true, patience.Token);
        while (true)
        {
            using var message = JsonDocument.Parse(await ReadAsync(patience.Token));
            // Events come in between.
            if (!message.RootElement.TryGetProperty("id", out var id) || id.GetInt32() != number)
                continue;
            message.RootElement.TryGetProperty("error", out var error).ShouldBeFalse($"{method}: {error}");
            return message.RootElement.GetProperty("result").Clone();
        }
    }

    private async Task<byte[]> ReadAsync(CancellationToken ct)
    {
        using var whole = new MemoryStream();
        var buffer = new byte[16 * 1024];
        while (true)
        {
            var part = await _line.ReceiveAsync(buffer.AsMemory(), ct);
            whole.Write(buffer, 0, part.Count);
            if (part.EndOfMessage)
                return whole.ToArray();
        }
    }

    private static string Quote(string text) => JsonSerializer.Serialize(text);
}
