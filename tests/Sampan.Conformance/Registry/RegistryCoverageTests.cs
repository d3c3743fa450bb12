using System.Reflection;
using Sampan.Conformance.Harness;

namespace Sampan.Conformance.Registry;

/// <summary>The suite about itself.</summary>
public sealed class RegistryCoverageTests
{
    private static readonly MethodInfo[] s_tests = [.. typeof(RegistryCoverageTests).Assembly.GetTypes().Where(type => type.IsSubclassOf(typeof(RegistryTest)))
        .SelectMany(type => type.GetMethods()).Where(method => method.GetCustomAttribute<FactAttribute>() is not null)];

    [Fact]
    public void Every_test_of_registries_cites_what_it_holds_them_to() =>
        s_tests.Where(test => test.GetCustomAttribute<SpecAttribute>() is null).Select(test => test.Name).ShouldBeEmpty();

    [Fact]
    public void Every_declared_deviation_of_registries_is_of_a_test_that_there_is() => RegistryDeviations.Tests.Except(s_tests.Select(test => test.Name)).ShouldBeEmpty();
}
