using Sampan.Cli.Commands.Images;
using Sampan.Cli.Requests;
using Sampan.DockerApi.Client;
using Sampan.DockerApi.Containers;
using O = Sampan.Cli.Requests.CreateOptions;

namespace Sampan.Cli.Commands.Containers;

/// <summary>Creates the container of run and create: reads the options, fetches the image if need be, writes the cidfile.</summary>
internal static class ContainerCreation
{
    public static ContainerCreateRequest Request(Invocation call, string verb, bool detached)
    {
        string pull = call.Get(O.Pull);
        try
        {
            if (pull is not ("always" or "missing" or "never" or "")) throw new FormatException($"invalid pull option: '{pull}': must be one of \"always\", \"missing\" or \"never\"");
            return CreateRequestBuilder.Build(call.Arguments, Environment.GetEnvironmentVariable, detached);
        }
        catch (FormatException e)
        {
            throw StartFailure.WithHelp(e.Message, verb, 125, e);
        }
    }

    public static async Task<string> CreateAsync(Invocation call, ContainerCreateRequest request)
    {
        string cidfile = call.Get(O.Cidfile);
        if (cidfile.Length > 0 && File.Exists(cidfile))
            throw new CommandException($"container ID file found, make sure the other container isn't running or delete {cidfile}");
        // Opened first: a container whose id cannot be written is not made.
        using var file = cidfile.Length > 0 ? OpenIdFile(cidfile) : null;
        try
        {
            return await CreateAsync(call, request, file).ConfigureAwait(false);
        }
        catch
        {
            if (file is { BaseStream.Length: 0 }) File.Delete(cidfile);
            throw;
        }
    }

    private static StreamWriter OpenIdFile(string path)
    {
        try
        {
            return new StreamWriter(new FileStream(path, FileMode.CreateNew, FileAccess.Write));
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new CommandException($"failed to create the container ID file: open {path}: {(e is DirectoryNotFoundException ? "no such file or directory" : e.Message)}", 125, e);
        }
    }

    private static async Task<string> CreateAsync(Invocation call, ContainerCreateRequest request, StreamWriter? idFile)
    {
        string? name = call.Given(O.Name);
        string? platform = call.Given(O.Platform);
        if (call.Get(O.Pull) == "always") await PullAsync(call, request.Image, platform).ConfigureAwait(false);
        ContainerCreateResponse created;
        try
        {
            created = await call.Client.CreateContainerAsync(request, name, platform, call.Cancelled).ConfigureAwait(false);
        }
        catch (DockerApiException e) when (e.IsNotFound && call.Get(O.Pull) is "missing" or "" && IsOfImage(e.Message))
        {
            if (!call.Get(O.Quiet)) call.Error.WriteLine($"Unable to find image '{ImageName.WithTag(request.Image)}' locally");
            await PullAsync(call, request.Image, platform).ConfigureAwait(false);
            created = await call.Client.CreateContainerAsync(request, name, platform, call.Cancelled).ConfigureAwait(false);
        }
        foreach (string warning in created.Warnings ?? []) call.Error.WriteLine($"WARNING: {warning}");
        if (idFile is not null)
        {
            // Docker's file has no line end: scripts read it whole.
            await idFile.WriteAsync(created.Id.AsMemory(), call.Cancelled).ConfigureAwait(false);
            await idFile.FlushAsync(call.Cancelled).ConfigureAwait(false);
        }
        return created.Id;
    }

    // Not found may be a container of --volumes-from, too, which no pull brings. An image of another platform is as good as none.
    private static bool IsOfImage(string message) =>
        message.Contains("No such image", StringComparison.OrdinalIgnoreCase) || message.Contains("does not provide the specified platform", StringComparison.Ordinal);

    private static Task PullAsync(Invocation call, string image, string? platform) =>
        ImagePull.RunAsync(call, image, platform, call.Get(O.Quiet) ? TextWriter.Null : call.Error);
}
