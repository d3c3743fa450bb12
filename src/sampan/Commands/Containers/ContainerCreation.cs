using System.Globalization;
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
        if (cidfile.Length > 0)
        {
            // Docker's file has no line end: scripts read it whole.
            using var file = new StreamWriter(new FileStream(cidfile, FileMode.CreateNew, FileAccess.Write));
            file.Write(string.Create(CultureInfo.InvariantCulture, $"{created.Id}"));
        }
        return created.Id;
    }

    // Not found may be a container of --volumes-from, too, which no pull brings. An image of another platform is as good as none.
    private static bool IsOfImage(string message) =>
        message.Contains("No such image", StringComparison.OrdinalIgnoreCase) || message.Contains("does not provide the specified platform", StringComparison.Ordinal);

    private static Task PullAsync(Invocation call, string image, string? platform) =>
        ImagePull.RunAsync(call, image, platform, call.Get(O.Quiet) ? TextWriter.Null : call.Error);
}
