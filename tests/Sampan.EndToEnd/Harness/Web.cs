namespace Sampan.EndToEnd.Harness;

/// <summary>Asks web servers by curl.</summary>
internal static class Web
{
    public static async Task<string> GetAsync(string url, params string[] options) => (await AskAsync(url, options)).Succeeded(url);

    /// <summary>Empty: it does not answer, or with an error.</summary>
    public static async Task<string> TryGetAsync(string url, params string[] options) => await AskAsync(url, options) is { ExitCode: 0 } answer ? answer.Text : "";

    private static Task<Outcome> AskAsync(string url, string[] options) => Shell.RunAsync("curl", ["-sf", "--noproxy", "*", "--max-time", "30", .. options, url]);
}
