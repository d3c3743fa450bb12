using Sampan.Build.Agents;
using Sampan.Build.Clients;
using Sampan.Build.Parsing;
using Sampan.Engine.Images;
using Sampan.Storage.Building;

namespace Sampan.Build;

/// <summary>Files of a build: sent with it, or asked for at a client that stays connected.</summary>
public sealed partial class Builder
{
    private const string ContextDirectory = "context";
    private const string DockerfileDirectory = "dockerfile";
    private const string Ignore = ".dockerignore";
    private const string Local = "local:";

    private async Task<BuildFiles> ReadFilesAsync(BuildRequest request, IBuildAgents agents, BuildActs acts, IProgress<BuildMessage> progress, CancellationToken ct)
    {
        var files = new BuildFiles();
        try
        {
            if (request is { Client: { } client, Remote: null, Context: null })
                await AskForFilesAsync(files, client, request, agents, acts, ct);
            else
                await ReadSentAsync(files, request, agents, progress, ct);
            return files;
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    private async Task ReadSentAsync(BuildFiles files, BuildRequest request, IBuildAgents agents, IProgress<BuildMessage> progress, CancellationToken ct)
    {
        var known = request.KnownContext is { } offer ? files.Own(_contexts.Take(offer)) : null;
        var (context, isBare) = await ReadContextAsync(request, agents, known?.Files, ct);
        files.Own(context);
        if (known is not null)
            progress.Report(new BuildMessage.Text($"context: {known.Files.Count} files, {known.Files.Known} of them known from before{(known.Files.Opened > 0 ? $", {known.Files.Opened} read where they are" : "")}\n"));
        // Before the rules: they are of the main context only.
        var asked = request.Client is { } client ? new ClientContexts(client, _contexts, Spool, _engine.Steps.Time) : null;
        files.Named = asked is null ? await ReadContextsAsync(files, request, context, agents, ct) : await AskForNamedAsync(files, asked, request, agents, ct);
        BuildFailPoint.Reach("build.context-read");
        var name = isBare && !request.HasOwnDockerfile ? "Dockerfile" : request.Dockerfile.TrimStart('/');
        if (asked is not null && request.HasOwnDockerfile)
        {
            using var own = await asked.FetchAsync(DockerfileDirectory, [name, name + Ignore], [], isKept: false, ct);
            files.Dockerfile = DockerfileIn(own.Tree, name);
            files.Rules = own.Tree.Find(name + Ignore) is null ? Rules(context, "") : Rules(own.Tree, name);
        }
        else
        {
            files.Dockerfile = DockerfileIn(context, name);
            files.Rules = Rules(context, name);
        }
        if (files.Rules is { IsEmpty: false } rules)
            context.Prune(rules.Excludes);
        files.Fetch = _ => Task.FromResult(context);
    }

    // (1) the Dockerfile, with the rules beside it (2) the context's own rules (3) the context, if anything is taken of it.
    private async Task AskForFilesAsync(BuildFiles files, IBuildClient client, BuildRequest request, IBuildAgents agents, BuildActs acts, CancellationToken ct)
    {
        var contexts = new ClientContexts(client, _contexts, Spool, _engine.Steps.Time);
        var name = request.Dockerfile.TrimStart('/');

        // (1)
        var beside = await acts.RunAsync($"[internal] load build definition from {name}", async () =>
        {
            using var tree = await contexts.FetchAsync(DockerfileDirectory, [name, name + Ignore], [], isKept: false, ct);
            files.Dockerfile = DockerfileIn(tree.Tree, name);
            return (tree.Tree.Find(name + Ignore) is null ? null : Rules(tree.Tree, name), Part("transferring dockerfile:", tree.Bytes));
        });

        // (2)
        files.Rules = beside ?? await acts.RunAsync($"[internal] load {Ignore}", async () =>
        {
            using var tree = await contexts.FetchAsync(ContextDirectory, [Ignore], [], isKept: false, ct);
            return (Rules(tree.Tree, ""), Part("transferring context:", tree.Bytes));
        });
        BuildFailPoint.Reach("build.context-read");
        files.Named = await AskForNamedAsync(files, contexts, request, agents, ct);

        // (3)
        files.Fetch = stopped => acts.RunAsync("[internal] load build context", async () =>
        {
            var tree = files.Own(await contexts.FetchAsync(ContextDirectory, [], [.. files.Rules?.Patterns ?? []], isKept: true, stopped));
            // Whatever the client took the rules for.
            if (files.Rules is { IsEmpty: false } rules)
                tree.Tree.Prune(rules.Excludes);
            return (tree.Tree, Part("transferring context:", tree.Bytes));
        });
    }

    // Each with rules of its own.
    private async Task<Dictionary<string, SourceTree>> AskForNamedAsync(BuildFiles files, ClientContexts contexts, BuildRequest request, IBuildAgents agents, CancellationToken ct)
    {
        var named = new Dictionary<string, SourceTree>(StringComparer.Ordinal);
        foreach (var (name, value) in request.Contexts.Where(context => !context.Value.StartsWith("docker-image://", StringComparison.Ordinal)))
        {
            if (!value.StartsWith(Local, StringComparison.Ordinal))
            {
                named[name] = files.Own((await FetchContextAsync(value, request, agents, ct)).Tree);
                continue;
            }
            IgnoreRules? rules;
            using (var ignore = await contexts.FetchAsync(value[Local.Length..], [Ignore], [], isKept: false, ct))
                rules = Rules(ignore.Tree, "");
            var tree = files.Own(await contexts.FetchAsync(value[Local.Length..], [], [.. rules?.Patterns ?? []], isKept: true, ct)).Tree;
            if (rules is { IsEmpty: false })
                tree.Prune(rules.Excludes);
            named[name] = tree;
        }
        return named;
    }

    private static IReadOnlyList<BuildMessage.ActPart> Part(string name, long bytes) => [new(name, bytes)];

    private static byte[] DockerfileIn(SourceTree tree, string name) => tree.Find(name) is { Kind: SourceKind.File } file ? file.ReadAll(DockerfileLimits.MaxBytes)
        : throw BuildException.Invalid($"Cannot locate specified Dockerfile: {name}");
}
