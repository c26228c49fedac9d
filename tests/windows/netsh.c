/* Stands for Windows' netsh.exe, of which Wine has only the name: adds its command line to C:\netsh.txt. */
#include <stdio.h>
#include <windows.h>

int main(void)
{
    FILE* file = fopen("C:\\netsh.txt", "a");
    if (!file)
        return 1;
    fprintf(file, "%s\n", GetCommandLineA());
    return fclose(file);
}
