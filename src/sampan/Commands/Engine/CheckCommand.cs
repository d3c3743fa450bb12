using Sampan.Cli.Arguments;
using Sampan.Cli.Output;
using Sampan.DockerApi;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Stores;

namespace Sampan.Cli.Commands.Engine;

/// <summary>system check: verifies all that the engine has stored.</summary>
internal static class CheckCommand
{
    private static readonly Option<bool> s_repair = Option.Flag("repair", null, "Repair what can be repaired");
    private static readonly Option<bool> s_quiet = Option.Flag("quiet", 'q', "Don't show what is being looked at");

    public static Command Command { get; } = new()
    {
        Name = "check",
        Summary = "Verify every blob, layer, snapshot and record",
        Details = "Computes all digests again and compares every unpacked file with the layer it came from.\nEnds with 1 if something is wrong and stays so.",
        MaxWords = 0,
        Options = [JsonFormat.Option, s_quiet, s_repair],
        Run = RunAsync,
    };

    private static async Task<int> RunAsync(Invocation call)
    {
        bool shows = StandardIo.OutIsTerminal && !call.Get(s_quiet) && !JsonFormat.IsAsked(call);
        StoreCheckMessage? last = null;
        try
        {
            await foreach (var message in (await call.Client.CheckStoreAsync(call.Get(s_repair), call.Cancelled).ConfigureAwait(false)).ConfigureAwait(false))
            {
                last = message;
                if (!shows || message.Step is null) continue;
                call.Out.Write($"\r\u001b[K{message.Step}");
                call.Io.Flush();
            }
        }
        catch (DockerApiException e) when (e.IsNotFound)
        {
            throw new CommandException("this engine cannot check its store: that needs sampand", 1, e);
        }
        if (shows) call.Out.Write("\r\u001b[K");
        if (last is null || last.Step is not null) throw new CommandException("the engine broke off the check");
        if (last.Error is { } error) throw new CommandException(error);
        var findings = last.Findings ?? [];
        int code = findings.All(f => f.Repaired) ? 0 : 1;
        if (JsonFormat.Print(call, last with { Findings = findings }, StoreJson.Wire.StoreCheckMessage)) return code;
        foreach (var found in findings)
            call.Out.WriteLine($"{(found.Repaired ? "repaired" : "problem")}: {found.Kind} {found.Id}: {found.Problem}; {found.Remedy}");
        call.Out.WriteLine($"checked {last.Blobs} blobs, {last.Layers} layers, {last.Records} records: {(findings.Count == 0 ? "all is well" : $"{findings.Count} problems, {findings.Count(f => f.Repaired)} repaired")}");
        return code;
    }
}
